package dev.muster.identity;

import java.util.Locale;

/** What a route does to a kind. */
public enum Verb {
    READ,
    /** Creates, changes, deletes, revokes. */
    WRITE,
    /** Overrules what protects a kind; admins only, whatever the kind. */
    ADMIN;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
