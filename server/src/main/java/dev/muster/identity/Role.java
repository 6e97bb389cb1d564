package dev.muster.identity;

import java.util.Locale;
import java.util.Optional;

/** How much an actor may do, from most to least; each includes the ones after it. */
public enum Role {
    ADMIN,
    OPERATOR,
    VIEWER;

    public boolean includes(Role other) {
        return compareTo(other) <= 0;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> parse(String wire) {
        for (Role role : values()) {
            if (role.wire().equals(wire)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
