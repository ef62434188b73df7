# heddle-threads: the modelled threads of the running execution, each with its stack.
import gdb

REGISTERS = ("r12", "r13", "r14", "r15", "rbx", "rbp", "rip")
SHOWN = 8


def call(function, result, *arguments):
    text = "((%s (*)(unsigned)) %s)(%s)" % (result, function, ", ".join(map(str, arguments or (0,))))
    return gdb.parse_and_eval(text)


# By file as well: where there are only tables of lines, names have no namespaces.
def is_own(name, place):
    if name is None or place.symtab is None:
        return True
    folders = ("/scheduler/engine/", "/primitives/fibers/", "/heddle/fibers/", "/suites/explore/")
    return any(f in place.symtab.filename for f in folders) or "heddle::scheduler" in name or name.startswith(
        ("heddle::modelled", "heddle::detail", "heddle_", "heddle::explore", "std::"))


def print_stack():
    frame, shown = gdb.newest_frame(), 0
    while frame is not None and shown < SHOWN:
        name, place = frame.name(), frame.find_sal()
        if not is_own(name, place):
            print("    %s at %s:%d" % (name, place.symtab.filename, place.line))
            shown += 1
        try:
            frame = frame.older()
        except gdb.error:
            break


class Threads(gdb.Command):
    """The modelled threads of the running execution of heddle, each with its stack (x86-64)."""

    def __init__(self):
        super().__init__("heddle-threads", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        count = int(call("heddle_thread_count", "unsigned"))
        if count == 0:
            print("no execution runs")
        for thread in range(count):
            name = call("heddle_thread_name", "const char*", thread).string()
            state = call("heddle_thread_state", "const char*", thread).string()
            print("%s: %s" % (name or "thread %d" % thread, state))
            if state == "running":
                print_stack()
                continue
            context = int(call("heddle_thread_context", "unsigned long", thread))
            if context:
                self.print_suspended(context)

    def print_suspended(self, context):
        gdb.execute("frame 0", to_string=True)
        names = REGISTERS + ("rsp",)
        kept = {r: int(gdb.parse_and_eval("(unsigned long) $" + r)) for r in names}
        # What jump_fcontext of Boost.Context pushes: 8 bytes of control words, then the registers.
        saved = {r: int(gdb.parse_and_eval("*(unsigned long*) %d" % (context + 8 + 8 * k)))
                 for k, r in enumerate(REGISTERS)}
        saved["rsp"] = context + 8 + 8 * len(REGISTERS)
        try:
            self.set_registers(saved)
            print_stack()
        finally:
            self.set_registers(kept)

    @staticmethod
    def set_registers(values):
        for register, value in values.items():
            gdb.execute("set $%s = %d" % (register, value), to_string=True)


Threads()
