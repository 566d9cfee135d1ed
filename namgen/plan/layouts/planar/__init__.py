"""A row of memory per channel, so that frames fill the vectors of a host."""
