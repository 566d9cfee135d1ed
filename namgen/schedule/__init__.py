"""Orders straight runs of machine code for a processor that issues two instructions a cycle.

A program is a list of instructions on values. `best_order` finds a fast order by the processor's
table, which is the cycle model's own; `allot` gives the values registers.
"""
