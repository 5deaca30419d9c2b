"""What comes after training: evaluation, calibration, 8 bits, and the model card."""
