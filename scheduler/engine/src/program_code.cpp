#include "program_code.hpp"

#include <link.h>

namespace heddle::scheduler {

program_code::program_code() {
    dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void* data) {
            auto& code = *static_cast<program_code*>(data);
            for (unsigned k = 0; k < object->dlpi_phnum; ++k) {
                const auto& segment = object->dlpi_phdr[k];
                if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
                code.begin_ = object->dlpi_addr + segment.p_vaddr;
                code.size_ = segment.p_memsz;
            }
            return 1;  // the program is the first
        },
        this);
}

const program_code& program_code::loaded() {
    static const program_code code;
    return code;
}

}  // namespace heddle::scheduler
