mod flips;
mod moving;
mod repairing;
mod scene;
