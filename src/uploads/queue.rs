//! The browser's upload queue.
