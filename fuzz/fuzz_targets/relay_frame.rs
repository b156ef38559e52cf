//! Decodes frames of a hostile neighbour and feeds them to the state of a link that also has offers of its own.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use prost::Message;
use relay::state::{Action, LinkState};
use relay::{Limits, Refusal};
use types::ErrorCode;
use wire::relay_v1::Frame;

fuzz_target!(|data: &[u8]| {
    let (mut state, hello) = LinkState::new(&"nut-1".parse().expect("a node id"), &Limits::default());
    state.on_frame(hello).expect("a Hello of our own is valid");
    let mut rest = data;
    while !rest.is_empty() {
        let Ok(frame) = Frame::decode_length_delimited(&mut rest) else { return };
        let Ok(action) = state.on_frame(frame) else { return };
        match action {
            Action::Decide { transfer, offer, .. } => match offer.length % 4 {
                0 => drop(state.refuse(transfer, &Refusal::new(ErrorCode::Overloaded, ""))),
                // Offers it back, so that answers have something to be about.
                1 => drop(state.offer(&offer, None)),
                _ => drop(state.send_from(transfer, offer.length / 2)),
            },
            Action::Write { transfer, data } => drop(state.written(transfer, data.len() as u64)),
            Action::Read { transfer, .. } | Action::Credited { transfer } => {
                let count = state.sendable(transfer);
                drop(state.chunk(transfer, Bytes::from(vec![0; count])));
                drop(state.finish(transfer));
            }
            Action::Finish { transfer } | Action::Abandon { transfer } => {
                drop(state.refuse(transfer, &Refusal::new(ErrorCode::Internal, "")));
            }
            Action::End(_) => return,
            Action::Ignore | Action::Greeted(_) | Action::Reply(_) | Action::Settle { .. } | Action::StopOffering => {}
        }
    }
});
