package dev.muster.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads telemetry of the common form straight from the bytes of its JSON: names that came in this order before, decimal numbers,
 * booleans and strings of printable ASCII without escapes.
 *
 * <p>It knows only what is right. Whatever else comes, rare or wrong, it leaves to {@link UplinkReader}, which reads everything and
 * words the errors; what it does read, that one reads alike.
 */
final class PlainTelemetry {
    private static final ThreadLocal<PlainTelemetry> OF_THREAD = ThreadLocal.withInitial(PlainTelemetry::new);
    private static final int MAX_METRICS = MetricNames.MAX_KNOWN_NAMES;
    /** Up to here every integer is a double. */
    private static final long MAX_EXACT = 1L << 53;
    /** Powers of ten that are doubles: a quotient of two doubles is rounded once, thus rightly. */
    private static final double[] TENS = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    /** Digits that surely fit a long. */
    private static final int MAX_DIGITS = 18;

    /** Thrown by nobody but this, seen by nobody else. */
    private static final class NotPlain extends RuntimeException {
        private static final long serialVersionUID = 1L;
        static final NotPlain INSTANCE = new NotPlain();

        private NotPlain() {
            super(null, null, false, false);
        }
    }

    private byte[] bytes = {};
    private int at;

    // The metrics of the reading at hand.
    private final int[] nameFrom = new int[MAX_METRICS];
    private final int[] nameTo = new int[MAX_METRICS];
    private final double[] numbers = new double[MAX_METRICS];
    private final @Nullable Object[] others = new Object[MAX_METRICS];
    private boolean hasOthers;
    private int count;
    private int namesHash;

    private PlainTelemetry() {}

    /** Null when it is not of the plain form. */
    static Uplink.@Nullable Telemetry read(byte[] payload) {
        PlainTelemetry reader = OF_THREAD.get();
        reader.bytes = payload;
        reader.at = 0;
        try {
            return reader.telemetry();
        } catch (NotPlain _) {
            return null;
        } finally {
            reader.bytes = new byte[0];
            reader.forgetReading();
        }
    }

    private Uplink.Telemetry telemetry() {
        List<Uplink.Reading> readings;
        if (nextByte() == '[') {
            at++;
            var several = new ArrayList<Uplink.Reading>();
            do {
                require(several.size() < UplinkCodec.MAX_ENTRIES);
                several.add(reading());
            } while (goesOn(']'));
            readings = Collections.unmodifiableList(several);
        } else {
            readings = List.of(reading());
        }
        skipSpace();
        require(at == bytes.length);
        return new Uplink.Telemetry(readings);
    }

    private Uplink.Reading reading() {
        Long ts = null;
        Metrics inside = null;
        forgetReading();
        take('{');
        do {
            int from = name();
            int to = at++;
            take(':');
            if (is(from, to, "ts")) {
                require(ts == null);
                ts = ts();
            } else if (is(from, to, "values")) {
                require(inside == null && count == 0);
                inside = values();
            } else {
                require(inside == null);
                metric(from, to);
            }
        } while (goesOn('}'));
        return new Uplink.Reading(ts, inside != null ? inside : metrics());
    }

    private Metrics values() {
        take('{');
        do {
            int from = name();
            int to = at++;
            take(':');
            metric(from, to);
        } while (goesOn('}'));
        return metrics();
    }

    private long ts() {
        skipSpace();
        int from = at;
        long value = digits(0);
        require(at - from == 13 && bytes[from] != '0' && value >= UplinkCodec.MIN_TS && value <= UplinkCodec.MAX_TS);
        return value;
    }

    private void metric(int from, int to) {
        require(count < MAX_METRICS);
        nameFrom[count] = from;
        nameTo[count] = to;
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        namesHash = namesHash * 31 + hash;
        switch (nextByte()) {
            case '"' -> {
                int begin = name();
                require(at - begin <= UplinkCodec.MAX_METRIC_STRING_LENGTH);
                other(new String(bytes, begin, at++ - begin, ISO_8859_1));
            }
            case 't' -> other(word("true", Boolean.TRUE));
            case 'f' -> other(word("false", Boolean.FALSE));
            default -> numbers[count] = number();
        }
        count++;
    }

    private void other(Object value) {
        others[count] = value;
        hasOthers = true;
    }

    private Object word(String word, Boolean value) {
        require(bytes.length - at >= word.length() && is(at, at + word.length(), word));
        at += word.length();
        return value;
    }

    /** The metrics read, whose names somebody has checked before. */
    private Metrics metrics() {
        MetricNames names = MetricNames.known(bytes, nameFrom, nameTo, count, namesHash);
        if (names == null || count == 0) {
            throw NotPlain.INSTANCE;
        }
        return new Metrics(names, Arrays.copyOf(numbers, count), hasOthers ? Arrays.copyOf(others, count) : null);
    }

    private void forgetReading() {
        if (hasOthers) {
            Arrays.fill(others, null);
            hasOthers = false;
        }
        count = 0;
        namesHash = 0;
    }

    // ---- numbers

    private double number() {
        int from = at;
        boolean negative = nextByte() == '-';
        if (negative) {
            at++;
        }
        int first = at;
        long digits = digits(0);
        int whole = at - first;
        require(whole == 1 || (whole > 1 && bytes[first] != '0'));
        int scale = 0;
        if (at < bytes.length && bytes[at] == '.') {
            at++;
            int point = at;
            digits = digits(digits);
            scale = at - point;
            require(scale > 0);
        }
        require(at < bytes.length
                && bytes[at] != 'e'
                && bytes[at] != 'E'
                && at - from <= UplinkCodec.MAX_NUMBER_LENGTH);
        require(!negative || digits != 0); // -0 is an integer, -0.0 is not
        if (whole + scale > MAX_DIGITS || digits > MAX_EXACT || scale >= TENS.length) {
            return Double.parseDouble(new String(bytes, from, at - from, ISO_8859_1));
        }
        double value = scale == 0 ? digits : digits / TENS[scale];
        return negative ? -value : value;
    }

    /** Those that follow, behind these; beyond {@link #MAX_DIGITS} the value means nothing. */
    private long digits(long before) {
        long value = before;
        while (at < bytes.length) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = value * 10 + digit;
            at++;
        }
        return value;
    }

    // ---- bytes

    /** Behind the opening quote of a string without escapes; leaves off at its closing quote. */
    private int name() {
        take('"');
        int from = at;
        while (at < bytes.length && bytes[at] != '"') {
            require(bytes[at] >= ' ' && bytes[at] != '\\' && bytes[at] != 0x7f);
            at++;
        }
        require(at < bytes.length);
        return from;
    }

    private boolean is(int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] != text.charAt(i - from)) {
                return false;
            }
        }
        return true;
    }

    /** True behind a comma, false behind the end. */
    private boolean goesOn(char end) {
        byte next = nextByte();
        at++;
        require(next == ',' || next == end);
        return next == ',';
    }

    private void take(char expected) {
        require(nextByte() == expected);
        at++;
    }

    private byte nextByte() {
        skipSpace();
        require(at < bytes.length);
        return bytes[at];
    }

    private void skipSpace() {
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    private static void require(boolean plain) {
        if (!plain) {
            throw NotPlain.INSTANCE;
        }
    }
}
