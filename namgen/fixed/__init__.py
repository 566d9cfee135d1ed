"""Networks in fixed point: integers from the input's first bit to the output's last."""
