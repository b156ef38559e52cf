//! XML below the packet.
