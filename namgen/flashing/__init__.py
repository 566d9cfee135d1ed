"""An image onto a board over USB: ST's DfuSe, and what can be wrong around it.

`image` checks what is to be written, `layout` and `device` say what waits for it, `dfu` is the
protocol, `job` erases, writes, reads back and leaves. Two ways get there, `usb` (pyusb, imported
when it is used) and `dfu_util` (a program). `host` looks at this computer, `hints` says what to do.
"""
