package dev.muster.simulator.device;

import dev.muster.protocol.Uplink.CommandResult;
import dev.muster.protocol.Uplink.Rejected;
import dev.muster.protocol.Uplink.Update;
import dev.muster.simulator.device.DeviceState.Difference;
import dev.muster.simulator.device.DeviceState.Reported;
import dev.muster.simulator.device.DeviceState.Trait;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** States of devices as JSON lines in a file, one asset a line (docs/simulator.md). */
public final class DeviceStates {
    private static final JsonMapper JSON = new JsonMapper();

    private DeviceStates() {}

    /** Whole or not at all: a reader sees the file as it was or as it is. */
    public static void write(Path file, Iterable<DeviceState> states) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path beside = absolute.resolveSibling("." + absolute.getFileName() + ".new");
        try (BufferedWriter out = Files.newBufferedWriter(beside)) {
            for (DeviceState state : states) {
                out.write(JSON.writeValueAsString(toJson(state)));
                out.write('\n');
            }
        }
        Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** By asset id; empty when there is no such file. */
    public static Map<String, DeviceState> read(Path file) throws IOException {
        Map<String, DeviceState> states = new HashMap<>();
        if (!Files.exists(file)) {
            return states;
        }
        try (BufferedReader in = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                try {
                    DeviceState state = fromJson(JSON.readTree(line));
                    states.put(state.id(), state);
                } catch (JacksonException | IllegalArgumentException e) {
                    throw new IOException(
                            "cannot read line " + number + " of " + file + ": " + e.getMessage()
                                    + "; delete the file to begin with new assets",
                            e);
                }
            }
        }
        return states;
    }

    static Map<String, Object> toJson(DeviceState state) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", state.id());
        json.put("type", state.type());
        json.put("hardware", state.hardware());
        json.put("connected", state.connected());
        json.put("power", wireName(state.power()));
        json.put("since", state.since());
        json.put("bootId", state.bootId());
        json.put("boots", state.boots());
        put(json, "generation", state.generation());
        put(json, "pendingGeneration", state.pendingGeneration());
        json.put("config", state.config());
        json.put("applied", state.applied());
        json.put("local", state.local());
        json.put("drift", mapped(state.drift(), DeviceStates::difference));
        if (state.rejected() != null) {
            json.put(
                    "rejected",
                    Map.of(
                            "generation",
                            state.rejected().generation(),
                            "reason",
                            state.rejected().reason()));
        }
        json.put("software", state.software());
        json.put("updates", mapped(state.updates(), DeviceStates::update));
        json.put("faults", mapped(state.faults(), DeviceStates::wireName));
        json.put("commands", mapped(state.commands(), DeviceStates::wireName));
        json.put("skewMillis", state.skewMillis());
        json.put(
                "traits",
                state.traits().stream().sorted().map(DeviceStates::wireName).toList());
        json.put("settled", state.settled());
        if (state.reported() != null) {
            Map<String, Object> reported = new LinkedHashMap<>();
            reported.put("at", state.reported().at());
            put(reported, "generation", state.reported().generation());
            reported.put("bootId", state.reported().bootId());
            reported.put("drifted", state.reported().drifted());
            json.put("reported", reported);
        }
        return json;
    }

    private static Map<String, Object> difference(Difference difference) {
        Map<String, Object> json = new LinkedHashMap<>();
        put(json, "desired", difference.desired());
        put(json, "actual", difference.actual());
        return json;
    }

    private static Map<String, Object> update(Update update) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", update.version());
        json.put("state", wireName(update.state()));
        put(json, "progress", update.progress());
        put(json, "reason", update.reason());
        put(json, "previous", update.previous());
        put(json, "attempt", update.attempt());
        return json;
    }

    private static void put(Map<String, Object> json, String name, @Nullable Object value) {
        if (value != null) {
            json.put(name, value);
        }
    }

    private static <T> Map<String, Object> mapped(Map<String, T> map, Function<T, Object> value) {
        Map<String, Object> json = new LinkedHashMap<>();
        map.forEach((key, each) -> json.put(key, value.apply(each)));
        return json;
    }

    static DeviceState fromJson(JsonNode json) {
        JsonNode rejected = json.path("rejected");
        JsonNode reported = json.path("reported");
        return new DeviceState(
                json.path("id").asString(),
                json.path("type").asString(),
                json.path("hardware").asString(),
                json.path("connected").asBoolean(),
                named(Power.class, json.path("power")),
                json.path("since").asLong(),
                json.path("boots").asLong(),
                number(json.path("generation")),
                number(json.path("pendingGeneration")),
                Documents.object(json.path("applied")),
                Documents.object(json.path("local")),
                Documents.object(json.path("config")),
                read(
                        json.path("drift"),
                        each -> new Difference(
                                Documents.plain(each.path("desired")), Documents.plain(each.path("actual")))),
                rejected.isObject()
                        ? new Rejected(
                                rejected.path("generation").asLong(),
                                rejected.path("reason").asString())
                        : null,
                read(json.path("software"), JsonNode::asString),
                read(json.path("updates"), DeviceStates::readUpdate),
                read(json.path("faults"), each -> named(FaultKind.class, each)),
                read(json.path("commands"), each -> named(CommandResult.Status.class, each)),
                json.path("skewMillis").asLong(),
                readTraits(json.path("traits")),
                json.path("settled").asBoolean(),
                reported.isObject() ? readReported(reported) : null);
    }

    private static Update readUpdate(JsonNode json) {
        Long progress = number(json.path("progress"));
        return new Update(
                json.path("version").asString(),
                named(Update.State.class, json.path("state")),
                progress == null ? null : (Integer) progress.intValue(),
                text(json.path("reason")),
                text(json.path("previous")),
                text(json.path("attempt")));
    }

    private static Reported readReported(JsonNode json) {
        List<String> drifted =
                json.path("drifted").valueStream().map(JsonNode::asString).toList();
        return new Reported(
                json.path("at").asLong(),
                number(json.path("generation")),
                json.path("bootId").asString(),
                drifted);
    }

    private static Set<Trait> readTraits(JsonNode json) {
        Set<Trait> traits = new LinkedHashSet<>();
        json.forEach(each -> traits.add(named(Trait.class, each)));
        return traits;
    }

    private static <T> Map<String, T> read(JsonNode json, Function<JsonNode, T> value) {
        Map<String, T> map = new LinkedHashMap<>();
        json.properties().forEach(entry -> map.put(entry.getKey(), value.apply(entry.getValue())));
        return map;
    }

    private static @Nullable Long number(JsonNode json) {
        return json.isIntegralNumber() ? (Long) json.asLong() : null;
    }

    private static @Nullable String text(JsonNode json) {
        return json.isString() ? json.asString() : null;
    }

    private static <E extends Enum<E>> E named(Class<E> type, JsonNode name) {
        return Enum.valueOf(type, name.asString().toUpperCase(Locale.ROOT));
    }

    private static String wireName(Enum<?> value) {
        return Fault.wireName(value);
    }
}
