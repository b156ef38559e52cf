use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;

use super::*;

/// A call that never answers and notes, when it is dropped, whether its messages looked complete.
struct Call<'a> {
    messages: Receiver<u8>,
    looked_complete: &'a Cell<Option<bool>>,
}

impl Future for Call<'_> {
    type Output = Result<Response<()>, Status>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.looked_complete.set(Some(self.messages.try_recv() == Err(TryRecvError::Disconnected)));
    }
}

#[tokio::test]
async fn a_failed_feed_drops_the_call_before_its_messages_end() {
    let looked_complete = Cell::new(None);
    let (to, messages) = mpsc::channel(1);
    let open = to.clone();
    let feed = async move {
        drop(to);
        Err(Failure::file(Path::new("a.pdf"), "gone"))
    };
    let call = Call { messages, looked_complete: &looked_complete };
    assert!(converse(feed, open, call).await.is_err());
    assert_eq!(looked_complete.get(), Some(false));
}

#[tokio::test]
async fn the_messages_end_after_a_whole_feed() {
    let (to, mut messages) = mpsc::channel(1);
    let open = to.clone();
    let feed = async move {
        to.send(7_u8).await.unwrap();
        drop(to);
        Ok(())
    };
    let call = async {
        let mut seen = Vec::new();
        while let Some(message) = messages.recv().await {
            seen.push(message);
        }
        Ok(Response::new(seen))
    };
    assert_eq!(converse(feed, open, call).await.unwrap().unwrap().into_inner(), [7]);
}

#[tokio::test]
async fn an_answer_before_the_end_stops_the_feed() {
    let (to, _messages) = mpsc::channel::<u8>(1);
    let answer = converse(std::future::pending(), to, async { Err::<Response<()>, _>(Status::aborted("early")) }).await;
    assert!(answer.unwrap().is_err());
}
