// A sample program for the reports of the checkers: read, never compiled.
template <class Backend>
struct stack {
    int pop() {
        int top = head_.load();
        int next = next_of(top);
        if (head_.compare_exchange_strong(top, next)) return top;
        return 0;
    }

    void push(int node) {
        head_.store(node);
    }
};
