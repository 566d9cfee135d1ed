"""Passes: each takes a network and returns another; none knows a file, a target or C.

They run in this order, whoever needs fewer of them:

=================  ==============================================================================
`slim`             fewer channels; needs every weight of the file, so it comes first
`dead_end`         the last layer's 1x1 goes, which nothing reads
`resample`         the taps of impulse responses at another rate
`fast_tanh`        the NAM plug-in's rational formula in place of tanh
`fold`             constants and the first rechannel folded away: the form that is computed
=================  ==============================================================================

`namgen.lower.lower` calls the first four: they are choices of the user, or of the file, and give
the network that is shown and counted. Whoever computes or lays out a network calls `fold` first
(`reference`, `start_state`, `plan`, `selection`); a folded network stays as it is.

A new pass is a file here and one line in `lower`, or beside `fold` when every network takes it.
"""
