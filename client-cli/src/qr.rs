//! QR codes as images.
