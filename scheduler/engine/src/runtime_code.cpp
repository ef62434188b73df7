#include "runtime_code.hpp"

#include <link.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace heddle::scheduler {
namespace {

struct address_range {
    std::uintptr_t begin, end;
};

const std::vector<address_range>& runtime_code() {
    static const std::vector<address_range> ranges = [] {
        std::vector<address_range> found;
        dl_iterate_phdr(
            [](dl_phdr_info* object, std::size_t, void* data) {
                const std::string_view path = object->dlpi_name ? object->dlpi_name : "";
                const std::string_view name = path.substr(path.rfind('/') + 1);
                bool runtime = false;
                for (const std::string_view known :
                     {"libc.", "libc-", "libpthread", "ld-", "libstdc++", "libc++", "libgcc_s",
                      "linux-vdso", "libasan", "libubsan", "libtsan"})
                    runtime = runtime || name.starts_with(known);
                for (unsigned k = 0; runtime && k < object->dlpi_phnum; ++k) {
                    const ElfW(Phdr)& segment = object->dlpi_phdr[k];
                    if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
                    const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
                    static_cast<std::vector<address_range>*>(data)->push_back(
                        {begin, begin + segment.p_memsz});
                }
                return 0;
            },
            &found);
        return found;
    }();
    return ranges;
}

}  // namespace

bool in_runtime_code(std::uintptr_t address) {
    const auto& ranges = runtime_code();
    return std::any_of(ranges.begin(), ranges.end(), [&](const address_range& code) {
        return address >= code.begin && address < code.end;
    });
}

}  // namespace heddle::scheduler
