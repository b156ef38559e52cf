mod refusals;
mod round_trip;
