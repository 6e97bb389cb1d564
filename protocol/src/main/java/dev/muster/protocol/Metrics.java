package dev.muster.protocol;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values by name, in the order of the message: numbers, strings and booleans. Never changed. A map for those who have
 * time; names and plain numbers by index for those who see each message.
 */
public final class Metrics extends AbstractMap<String, Object> {
    private final MetricNames names;
    private final double[] numbers;
    /** Null when all are plain numbers; else null where one is. */
    private final @Nullable Object @Nullable [] others;

    /** Takes the arrays as they are. */
    Metrics(MetricNames names, double[] numbers, @Nullable Object @Nullable [] others) {
        this.names = names;
        this.numbers = numbers;
        this.others = others;
    }

    /** @param values strings, booleans and numbers */
    public static Metrics of(Map<String, ?> values) {
        if (values instanceof Metrics metrics) {
            return metrics;
        }
        Builder builder = new Builder();
        values.forEach((name, value) -> {
            if (value instanceof Double number) {
                builder.add(name, number);
            } else {
                builder.add(name, value);
            }
        });
        return builder.build(MetricNames.of(builder.names, builder.count));
    }

    public MetricNames names() {
        return names;
    }

    /** What is there when it is not a plain number; null when it is. */
    public @Nullable Object other(int index) {
        return others == null ? null : others[index];
    }

    /** The plain number there; only where {@link #other} is null. */
    public double number(int index) {
        return numbers[index];
    }

    private Object value(int index) {
        Object other = other(index);
        return other == null ? (Object) numbers[index] : other;
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return name != null && names.indexOf(name) >= 0;
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        int index = name == null ? -1 : names.indexOf(name);
        return index < 0 ? null : value(index);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return names.size();
            }

            @Override
            public Iterator<Entry<String, Object>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Entry<String, Object>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < names.size();
        }

        @Override
        public Entry<String, Object> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return Map.entry(names.name(next), value(next++));
        }
    }

    /** Collects the metrics of one reading after the other. */
    static final class Builder {
        String[] names = new String[8];
        int count;
        private double[] numbers = new double[8];
        private @Nullable Object @Nullable [] others;

        void add(String name, double number) {
            int index = place(name);
            numbers[index] = number;
        }

        void add(String name, Object other) {
            int index = place(name);
            if (others == null) {
                others = new Object[numbers.length];
            }
            others[index] = other;
        }

        private int place(String name) {
            if (count == names.length) {
                names = Arrays.copyOf(names, count * 2);
                numbers = Arrays.copyOf(numbers, count * 2);
                others = others == null ? null : Arrays.copyOf(others, count * 2);
            }
            names[count] = name;
            return count++;
        }

        /** Begins anew after it. */
        Metrics build(MetricNames known) {
            Metrics metrics = new Metrics(
                    known, Arrays.copyOf(numbers, count), others == null ? null : Arrays.copyOf(others, count));
            count = 0;
            others = null;
            return metrics;
        }
    }
}
