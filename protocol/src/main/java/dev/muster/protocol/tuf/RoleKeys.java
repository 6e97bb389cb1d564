package dev.muster.protocol.tuf;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The keys that may sign for a role, and how many of them must. */
public record RoleKeys(List<TufKey> keys, int threshold) {
    public RoleKeys {
        keys = List.copyOf(keys);
        Set<String> different = new LinkedHashSet<>();
        keys.forEach(key -> different.add(key.publicKey()));
        if (threshold < 1 || threshold > different.size()) {
            throw new IllegalArgumentException("a threshold is from 1 to the number of different keys, found "
                    + threshold + " of " + different.size());
        }
    }

    public static RoleKeys of(TufKey key) {
        return new RoleKeys(List.of(key), 1);
    }
}
