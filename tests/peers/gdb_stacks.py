# gdb -batch -p PID -x gdb_stacks.py: for every thread "thread TID", then the pc of each physical frame, one a line.
# (Inlined functions and tail callers, which gdb adds from debug information, have no frame of their own.)
import gdb

gdb.execute("set backtrace past-main on")
gdb.execute("set backtrace past-entry on")
gdb.execute("set backtrace limit 400")
for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.ptid[1]):
    thread.switch()
    print("stack: thread %d" % thread.ptid[1])
    frame = gdb.newest_frame()
    while frame is not None:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            print("stack: 0x%016x" % frame.pc())
        try:
            frame = frame.older()
        except gdb.error:
            break
