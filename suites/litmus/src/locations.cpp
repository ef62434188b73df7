#include "locations.hpp"

namespace heddle::litmus {

void location_parser::initial_values() {
    do {
        const token name = take();
        if (name.kind != token_kind::name || is_keyword(name.text) || is_register_name(name.text))
            fail(name, "the name of a location");
        const base_index base = base_of(name);
        std::optional<std::int64_t> index;
        if (accept("[")) {
            index = integer();
            expect("]");
        }
        expect("=", "and the initial value");
        const std::int64_t value = integer();
        location_base& b = program_.bases[base];
        if (index)
            b.initial_elements[*index] = value;
        else
            b.initial = value;
        if (value != 0) initial_places_[base] = name;
    } while (accept(","));
    expect("]", "to end the initial values");
}

base_index location_parser::base_of(const token& name) {
    std::vector<location_base>& bases = program_.bases;
    for (std::size_t i = 0; i < bases.size(); ++i)
        if (bases[i].name == name.text) return static_cast<base_index>(i);
    bases.push_back({std::string(name.text), location_use::unused, false, 0, {}});
    initial_places_.emplace_back();
    return static_cast<base_index>(bases.size() - 1);
}

void location_parser::name_location(instruction& i, const token& name, bool mutex) {
    if (name.kind != token_kind::name || is_keyword(name.text) || is_register_name(name.text))
        fail(name, mutex ? "the name of a mutex" : "the name of a location");
    i.base = base_of(name);
    if (accept("[")) {
        i.index = expression();
        expect("]", "to close '['");
    }
    const location_use use = program_.bases[i.base].use;
    if (mutex && use != location_use::unused && use != location_use::mutex)
        fail(name, "a mutex", ", which is used as data before");
    if (!mutex && use == location_use::mutex)
        fail(name, "data", ", which is used as a mutex before");
    if (mutex) {
        program_.bases[i.base].use = location_use::mutex;
        if (initial_places_[i.base].kind != token_kind::end)
            fail(initial_places_[i.base], "no initial value for a mutex, which starts unlocked");
    }
    if (i.index != none && !is_constant(i.index)) {
        program_.bases[i.base].dynamic = true;
        return;
    }
    std::optional<std::int64_t> index;
    if (i.index != none) index = program_.expressions[i.index].value;
    i.index = none;
    i.location = number_location(i.base, index);
}

void location_parser::used_as_data(base_index base, bool plain) {
    location_use& use = program_.bases[base].use;
    const location_use now = plain ? location_use::plain : location_use::atomic;
    use = use == location_use::unused || use == now ? now : location_use::mixed;
    program_.has_plain = program_.has_plain || plain;
}

location_index location_parser::number_location(base_index base,
                                                std::optional<std::int64_t> index) {
    std::vector<location>& known = program_.locations;
    for (std::size_t n = 0; n < known.size(); ++n)
        if (known[n].base == base && known[n].index == index) return static_cast<location_index>(n);
    known.push_back(make_location(program_, base, index));
    return static_cast<location_index>(known.size() - 1);
}

}  // namespace heddle::litmus
