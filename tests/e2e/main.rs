//! Whole stories: real processes, real TLS, real sled, real files, on ports the system chooses.
