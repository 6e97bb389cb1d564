package dev.muster.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Uplinks within their bounds, of every kind, from a seed. */
final class RandomUplinks {
    private static final String[] WORDS = {"speed", "a", "Ünïcode 😀", "x.y-z", "\"quoted\"\\", "line\nline", "", "0"};
    private final Random random;

    RandomUplinks(long seed) {
        this.random = new Random(seed);
    }

    Uplink next() {
        return switch (UplinkKind.values()[random.nextInt(UplinkKind.values().length)]) {
            case HELLO -> new Uplink.Hello(1 + random.nextInt(9), word(), list(this::word));
            case HEARTBEAT ->
                new Uplink.Heartbeat(ts(), maybe(() -> (long) random.nextInt() & 0xffff_ffffL), metrics(0));
            case TELEMETRY -> new Uplink.Telemetry(some(() -> new Uplink.Reading(ts(), metrics(1))));
            case POSITION ->
                new Uplink.Positions(some(() -> new Uplink.Fix(
                        ts(),
                        random.nextDouble(-90, 90),
                        random.nextDouble(-180, 180),
                        maybe(random::nextDouble),
                        maybe(random::nextDouble),
                        maybe(random::nextDouble),
                        maybe(random::nextDouble),
                        maybe(() -> "3d"))));
            case STATE_REPORTED ->
                new Uplink.StateReport(
                        ts(),
                        maybe(() -> random.nextLong(Long.MAX_VALUE)),
                        document(3),
                        Map.of("app", word()),
                        random.nextBoolean() ? Map.of() : Map.of("app", update()),
                        maybe(() -> new Uplink.Rejected(random.nextLong(Long.MAX_VALUE), word())),
                        maybe(this::word));
            case EVENTS ->
                new Uplink.Events(
                        some(() -> new Uplink.Event(ts(), "type", severity(), maybe(this::word), document(2))));
            case LOGS -> new Uplink.Logs(some(() -> new Uplink.LogRecord(ts(), severity(), word(), document(2))));
            case COMMAND_RESULT -> {
                var statuses = Uplink.CommandResult.Status.values();
                yield new Uplink.CommandResult(
                        "c-" + random.nextInt(99),
                        statuses[random.nextInt(statuses.length)],
                        maybe(() -> value(3)),
                        random.nextBoolean() ? List.of() : some(this::span));
            }
        };
    }

    private Uplink.Span span() {
        return new Uplink.Span(
                "%032x".formatted(random.nextLong(Long.MAX_VALUE)),
                "%016x".formatted(random.nextLong()),
                maybe(() -> "%016x".formatted(random.nextLong())),
                "a name",
                random.nextLong(UplinkCodec.MIN_TS * 1000, UplinkCodec.MAX_TS * 1000),
                random.nextLong(UplinkCodec.MIN_TS * 1000, UplinkCodec.MAX_TS * 1000),
                maybe(this::word),
                document(2));
    }

    private Uplink.Update update() {
        var states = Uplink.Update.State.values();
        return new Uplink.Update(
                word(),
                states[random.nextInt(states.length)],
                maybe(() -> random.nextInt(101)),
                maybe(this::word),
                maybe(this::word),
                maybe(this::word));
    }

    /** Flips, cuts, inserts or doubles bytes. */
    byte[] damage(byte[] payload) {
        byte[] damaged = payload.clone();
        for (int flips = random.nextInt(4); flips >= 0; flips--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return random.nextBoolean() ? damaged : java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length + 3));
    }

    private Map<String, Object> metrics(int atLeast) {
        var metrics = new LinkedHashMap<String, Object>();
        for (int i = atLeast + random.nextInt(6); i > 0; i--) {
            metrics.put(
                    "m_" + i,
                    switch (random.nextInt(3)) {
                        case 0 -> random.nextGaussian() * Math.pow(10, random.nextInt(-300, 300));
                        case 1 -> random.nextBoolean();
                        default -> word();
                    });
        }
        return metrics;
    }

    private Map<String, Object> document(int depth) {
        var document = new LinkedHashMap<String, Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            document.put("key " + i, value(depth));
        }
        return document;
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextGaussian();
            case 2 -> random.nextBoolean();
            case 3 -> word();
            case 4 -> list(() -> value(depth - 1));
            default -> document(depth - 1);
        };
    }

    private <T> List<T> some(Supplier<T> entry) {
        var entries = new ArrayList<T>(List.of(entry.get()));
        entries.addAll(list(entry));
        return entries;
    }

    private <T> List<T> list(Supplier<T> entry) {
        var entries = new ArrayList<T>();
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.add(entry.get());
        }
        return entries;
    }

    private Severity severity() {
        return Severity.values()[random.nextInt(6)];
    }

    private @Nullable Long ts() {
        return maybe(() -> random.nextLong(UplinkCodec.MIN_TS, UplinkCodec.MAX_TS));
    }

    private <T> @Nullable T maybe(Supplier<T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    private String word() {
        return WORDS[random.nextInt(WORDS.length)];
    }
}
