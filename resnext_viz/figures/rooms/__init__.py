"""The sign of a room: QR code, letters and address, to be read from the back row."""
