package dev.muster.protocol;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The names of the metrics in one reading, in its order, none twice. Assets send the same names again and again: equal
 * names are mostly the same object, so what was found out about them can be remembered by identity.
 */
public final class MetricNames {
    public static final MetricNames NONE = new MetricNames(new String[0], 0);

    /** Bounded, whatever assets send: a newcomer takes the place of another. */
    private static final AtomicReferenceArray<MetricNames> KNOWN = new AtomicReferenceArray<>(1024);
    /** Longer lists are rare, and would fill the memory. */
    static final int MAX_KNOWN_NAMES = 64;

    private final String[] names;
    private final int hash;

    private MetricNames(String[] names, int hash) {
        this.names = names;
        this.hash = hash;
    }

    /** @param names the first {@code count} are taken; they are not checked */
    static MetricNames of(String[] names, int count) {
        MetricNames known = known(names, count);
        if (known != null) {
            return known;
        }
        int hash = hash(names, count);
        MetricNames made = new MetricNames(Arrays.copyOf(names, count), hash);
        if (count <= MAX_KNOWN_NAMES) {
            KNOWN.set(slot(hash), made);
        }
        return made;
    }

    /** Null when these names are not known: then nobody has checked them. */
    static @Nullable MetricNames known(String[] names, int count) {
        int hash = hash(names, count);
        MetricNames known = KNOWN.get(slot(hash));
        return known != null && known.equals(names, count, hash) ? known : null;
    }

    /**
     * The same for names of ASCII within a message.
     *
     * @param hash of the hashes of the names, each as {@link String#hashCode()} gives it
     */
    static @Nullable MetricNames known(byte[] message, int[] from, int[] to, int count, int hash) {
        MetricNames known = KNOWN.get(slot(hash));
        return known != null && known.hash == hash && known.stand(message, from, to, count) ? known : null;
    }

    private boolean stand(byte[] message, int[] from, int[] to, int count) {
        if (names.length != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            String name = names[i];
            if (name.length() != to[i] - from[i]) {
                return false;
            }
            for (int j = 0; j < name.length(); j++) {
                if (name.charAt(j) != message[from[i] + j]) {
                    return false;
                }
            }
        }
        return true;
    }

    private static int hash(String[] names, int count) {
        int hash = 0;
        for (int i = 0; i < count; i++) {
            hash = hash * 31 + names[i].hashCode();
        }
        return hash;
    }

    private static int slot(int hash) {
        return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (KNOWN.length() - 1);
    }

    private boolean equals(String[] others, int count, int otherHash) {
        if (hash != otherHash || names.length != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (!names[i].equals(others[i])) {
                return false;
            }
        }
        return true;
    }

    public int size() {
        return names.length;
    }

    public String name(int index) {
        return names[index];
    }

    /** Negative when it is not there. */
    public int indexOf(Object name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof MetricNames that && equals(that.names, that.names.length, that.hash));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(names);
    }
}
