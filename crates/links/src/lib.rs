//! One pure translator per switch kind, and the drivers that connect them.
