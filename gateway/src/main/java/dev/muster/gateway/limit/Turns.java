package dev.muster.gateway.limit;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may go on of those that have arrived: so many at a time, of one source a part of them, and the sources that wait take
 * turns. So a source with thousands costs another with one no more than its turn.
 *
 * <p>When all places to wait are taken, the newest of the source that waits with most makes room for one that waits with
 * fewer. Knows neither sockets nor a clock.
 *
 * @param <T> what arrives; by identity or value, each once
 */
public final class Turns<T> {
    private final Bounds bounds;
    private final Map<String, Source<T>> sources = new HashMap<>();
    /** Sources that wait, in the order of their turns. */
    private final ArrayDeque<Source<T>> waiting = new ArrayDeque<>();

    private int places;
    private int going;

    /**
     * @param going at a time
     * @param ofOneSource of these
     * @param waiting behind them
     */
    public record Bounds(int going, int ofOneSource, int waiting) {
        public Bounds {
            if (going < 1 || ofOneSource < 1 || waiting < 1) {
                throw new IllegalArgumentException("turns of " + going + " at a time, " + ofOneSource
                        + " of one source and " + waiting + " waiting cannot be taken; each is at least 1");
            }
        }
    }

    private static final class Source<T> {
        final Set<T> going = new HashSet<>();
        final LinkedHashSet<T> waiting = new LinkedHashSet<>();
    }

    /** What becomes of an arrival. */
    public sealed interface Arrival<T> {
        record Goes<T>() implements Arrival<T> {}

        /** @param turnedAway another that had to make room, null mostly */
        record Waits<T>(@Nullable T turnedAway) implements Arrival<T> {}

        /** Its source waits with no fewer than any other. */
        record TurnedAway<T>() implements Arrival<T> {}
    }

    public Turns(Bounds bounds) {
        this.bounds = bounds;
    }

    public synchronized Arrival<T> arrive(String name, T one) {
        Source<T> source = sources.computeIfAbsent(name, _ -> new Source<>());
        // Nobody is overtaken: when there is room, whoever waits has his source's part already.
        if (source.waiting.isEmpty() && mayGo(source)) {
            go(source, one);
            return new Arrival.Goes<>();
        }
        T turnedAway = null;
        if (places >= bounds.waiting()) {
            Source<T> longest = longest();
            if (longest.waiting.size() <= source.waiting.size() + 1) {
                forget(name, source);
                return new Arrival.TurnedAway<>();
            }
            turnedAway = longest.waiting.removeLast();
            places--;
        }
        if (source.waiting.isEmpty()) {
            waiting.add(source);
        }
        source.waiting.add(one);
        places++;
        return new Arrival.Waits<>(turnedAway);
    }

    /**
     * One is over, went away while it waited, or was turned away; more than once does no harm.
     *
     * @return whose turn it is now, null when it is nobody's
     */
    public synchronized @Nullable T leave(String name, T one) {
        Source<T> source = sources.get(name);
        if (source == null) {
            return null;
        }
        if (source.going.remove(one)) {
            going--;
        } else if (source.waiting.remove(one)) {
            places--;
            if (source.waiting.isEmpty()) {
                waiting.remove(source);
            }
        }
        T next = next();
        forget(name, source);
        return next;
    }

    private @Nullable T next() {
        for (int i = waiting.size(); i > 0; i--) {
            Source<T> source = waiting.removeFirst();
            T one = null;
            if (mayGo(source)) {
                one = source.waiting.removeFirst();
                places--;
                go(source, one);
            }
            if (!source.waiting.isEmpty()) {
                waiting.add(source);
            }
            if (one != null) {
                return one;
            }
        }
        return null;
    }

    private boolean mayGo(Source<T> source) {
        return going < bounds.going() && source.going.size() < bounds.ofOneSource();
    }

    private void go(Source<T> source, T one) {
        source.going.add(one);
        going++;
    }

    private void forget(String name, Source<T> source) {
        if (source.going.isEmpty() && source.waiting.isEmpty()) {
            sources.remove(name);
        }
    }

    private Source<T> longest() {
        Source<T> longest = waiting.getFirst();
        for (Source<T> source : waiting) {
            if (source.waiting.size() > longest.waiting.size()) {
                longest = source;
            }
        }
        return longest;
    }

    /** No place to wait is left, and no source has more than half of them: whoever comes now is better not let in. */
    public synchronized boolean isFull() {
        return places >= bounds.waiting() && longest().waiting.size() <= bounds.waiting() / 2;
    }

    public synchronized int going() {
        return going;
    }

    public synchronized int waiting() {
        return places;
    }

    synchronized int sources() {
        return sources.size();
    }
}
