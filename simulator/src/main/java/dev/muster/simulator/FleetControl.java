package dev.muster.simulator;

import dev.muster.simulator.device.Draw;
import dev.muster.simulator.device.Share;
import dev.muster.simulator.device.SimulatedDevice;
import java.io.IOException;
import java.io.Reader;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Commands to a running fleet, one a line, as game days and tests give them (docs/simulator.md).
 *
 * <p>A share is drawn anew for each line, from the fleet's seed and the line's number: the same lines hit the same assets.
 */
final class FleetControl {
    static final int MAX_LINE = 4_096;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String KNOWN = "offline, online, drift, skew, cut, fill, free, lapse, renew, reflash, truth";

    private final Fleet fleet;
    private final long seed;
    private int line;

    FleetControl(Fleet fleet, long seed) {
        this.fleet = fleet;
        this.seed = seed;
    }

    /** Until the end of the input; what each line did, or why it did nothing, is told. */
    void run(Reader in, Consumer<String> tell) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                // one more than allowed, so that too long a line is told from a full one
                if (text.length() <= MAX_LINE) {
                    text.append((char) c);
                }
                continue;
            }
            String whole = text.toString().strip();
            text.setLength(0);
            if (!whole.isEmpty()) {
                tell.accept(answered(whole));
            }
        }
    }

    private String answered(String whole) throws IOException {
        try {
            return carryOut(whole);
        } catch (IllegalArgumentException e) {
            return "refused: " + e.getMessage();
        }
    }

    /** @return what it did */
    String carryOut(String whole) throws IOException {
        line++;
        if (whole.length() > MAX_LINE) {
            throw new IllegalArgumentException("the line is longer than " + MAX_LINE + " characters");
        }
        List<String> words = Arrays.asList(whole.split("\\s+", 3));
        String whom = words.size() > 1 ? words.get(1) : null;
        String how = words.size() > 2 ? words.get(2).strip() : null;
        return switch (words.getFirst()) {
            case "offline" -> offline(whom(whom), how);
            case "online" ->
                "online: " + fleet.act(whomOrAll(whom), SimulatedDevice::comeBack)
                        + " assets have a network, as far as they are not down for ever";
            case "drift" -> drift(whom(whom), how);
            case "skew" -> skew(whom(whom), how);
            case "cut" -> "cut: " + fleet.cut(whomOrAll(whom)) + " connections";
            case "fill" ->
                "fill: the disks of " + fleet.act(whom(whom), SimulatedDevice::fill)
                        + " assets are full, where they measure them";
            case "free" ->
                "free: the disks of " + fleet.act(whomOrAll(whom), SimulatedDevice::free) + " assets are freed";
            case "lapse" -> lapse(whom(whom), how);
            case "renew" -> "renew: " + fleet.renew(whomOrAll(whom)) + " assets renew their certificates again";
            case "reflash" ->
                "reflash: " + fleet.act(whomOrAll(whom), SimulatedDevice::reflash)
                        + " assets get the recovery image, as far as they are bricked";
            case "truth" -> {
                fleet.writeRecord();
                yield "truth: written";
            }
            default ->
                throw new IllegalArgumentException("\"" + words.getFirst() + "\" is not known; there are " + KNOWN);
        };
    }

    private String offline(Predicate<String> whom, @Nullable String how) {
        if (how == null) {
            return "offline: " + fleet.act(whom, SimulatedDevice::goAway) + " assets lose their network";
        }
        String gateway = until(how, "until gw-1 for the asset whose restart brings them back");
        int away = fleet.goAwayBehind(gateway, whom);
        return "offline: " + away + " assets lose their network, until " + gateway + " has restarted";
    }

    private String lapse(Predicate<String> whom, @Nullable String how) {
        if (how == null) {
            return "lapse: " + fleet.lapse(whom, false) + " assets renew their certificates no more";
        }
        if (!until(how, "until restart for what a restart mends").equals("restart")) {
            throw new IllegalArgumentException("\"" + how + "\" is not known; write until restart, or nothing");
        }
        return "lapse: " + fleet.lapse(whom, true) + " assets renew their certificates no more, until they restart";
    }

    private static String until(String how, String example) {
        String[] words = how.split("\\s+", -1);
        if (words.length != 2 || !words[0].equals("until")) {
            throw new IllegalArgumentException("\"" + how + "\" is not known; write " + example);
        }
        return words[1];
    }

    private String drift(Predicate<String> whom, @Nullable String how) {
        if (how == null) {
            return "drift: one value changed on " + fleet.act(whom, SimulatedDevice::driftSomewhere) + " assets";
        }
        int equals = how.indexOf('=');
        if (!how.startsWith("/") || equals < 2) {
            throw new IllegalArgumentException("\"" + how + "\" is not a change; write /reporting/telemetrySeconds=99");
        }
        String pointer = how.substring(0, equals);
        Object value = value(how.substring(equals + 1));
        return "drift: " + pointer + " changed on "
                + fleet.act(whom, (device, now) -> device.drift(pointer, value, now)) + " assets";
    }

    /** JSON where it is, else the text as it is. */
    private static Object value(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (json.isBoolean()) {
                return json.asBoolean();
            }
            if (json.isIntegralNumber() && json.canConvertToLong()) {
                return json.asLong();
            }
            return json.isNumber() ? (Object) json.asDouble() : json.isString() ? json.asString() : text;
        } catch (JacksonException e) {
            return text;
        }
    }

    private String skew(Predicate<String> whom, @Nullable String how) {
        if (how == null) {
            throw new IllegalArgumentException("skew by how much? write skew 5% 3h, or skew ID -20m; 0s mends a clock");
        }
        boolean behind = how.startsWith("-");
        Duration by = Durations.parse(behind ? how.substring(1) : how);
        long millis = behind ? -by.toMillis() : by.toMillis();
        return "skew: the clocks of " + fleet.act(whom, (device, now) -> device.skew(millis, now))
                + " assets are off by " + how;
    }

    private Predicate<String> whomOrAll(@Nullable String whom) {
        return whom == null ? id -> true : whom(whom);
    }

    private Predicate<String> whom(@Nullable String whom) {
        if (whom == null) {
            throw new IllegalArgumentException("which assets? write a share such as 10%, or an id");
        }
        if (!whom.endsWith("%")) {
            return whom::equals;
        }
        Share share = Share.parse(whom);
        int number = line;
        return id -> new Draw(seed, id).falls(share, "control", number);
    }
}
