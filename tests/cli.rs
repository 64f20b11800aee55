//! The binary, run as a newcomer would.
