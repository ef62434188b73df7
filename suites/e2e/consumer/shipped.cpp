// Production code links heddle::primitives alone: std and nothing else.
#include <heddle/primitives/real_threads.hpp>

int main() {
    heddle::real_threads::mutex m;
    m.lock();
    m.unlock();
}
