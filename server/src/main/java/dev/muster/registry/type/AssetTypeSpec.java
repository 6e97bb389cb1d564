package dev.muster.registry.type;

import dev.muster.protocol.Severity;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.type.AssetType.Command;
import dev.muster.registry.type.AssetType.Criticality;
import dev.muster.registry.type.AssetType.Files;
import dev.muster.registry.type.AssetType.Heartbeat;
import dev.muster.registry.type.AssetType.Kept;
import dev.muster.registry.type.AssetType.Metric;
import dev.muster.registry.type.AssetType.MetricKind;
import dev.muster.registry.type.AssetType.Telemetry;
import dev.muster.registry.type.AssetType.UpdatePolicy;
import dev.muster.registry.type.AssetType.UpdatePolicy.Bounds;
import dev.muster.registry.type.AssetType.UpdatePolicy.Space;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the {@code spec} of an asset type, with every problem in it. */
final class AssetTypeSpec {
    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    static final int MAX_METRICS = 500;
    private static final int MAX_BOUNDS = 20;
    private static final double MAX_TIMES = 100;
    static final int MAX_APPROVALS = 5;
    static final int MAX_COMMANDS = 100;
    static final int MAX_BASELINE_CHARACTERS = 32 * 1024;

    private static final Pattern METRIC_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.]{0,63}");
    private static final Pattern COMMAND_NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final int MAX_UNIT = 20;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final long MIN_FILE = 1 << 10;
    private static final long MAX_FILE_BYTES = 1L << 50;
    private static final Duration MAX_KEPT = Duration.ofDays(3650);

    private final List<Problem> problems;
    private final Function<String, @Nullable String> selectorProblem;
    private final CommandParameters parameters;

    /** @param selectorProblem says what is wrong with a selector, {@code null} when nothing is */
    AssetTypeSpec(
            List<Problem> problems, Function<String, @Nullable String> selectorProblem, CommandParameters parameters) {
        this.problems = problems;
        this.selectorProblem = selectorProblem;
        this.parameters = parameters;
    }

    AssetType read(String name, @Nullable JsonNode spec) {
        if (!NAME.matcher(name).matches()) {
            problems.add(new Problem("metadata.name", "must match " + NAME + ", found \"" + name + "\""));
        }
        FieldReader reader = FieldReader.of("spec", spec, problems);
        AssetType type = new AssetType(
                name,
                reader.text("description", ""),
                reader.choice("criticality", Criticality.class, Criticality.MEDIUM),
                heartbeat(reader.object("heartbeat")),
                telemetry(reader.object("telemetry")),
                kept(reader.object("retention")),
                files(reader.object("files")),
                logShares(reader.object("logs")),
                commands(reader.object("commands")),
                updatePolicy(reader.object("updatePolicy")),
                baseline(reader));
        reader.finish();
        return type;
    }

    private static Heartbeat heartbeat(FieldReader reader) {
        Duration interval = reader.duration("interval", Duration.ofSeconds(30), SECOND, DAY);
        Duration ttl = reader.duration("ttl", interval.multipliedBy(3), SECOND, DAY.multipliedBy(7));
        if (ttl.compareTo(interval) <= 0) {
            reader.problem("ttl", "must be longer than the interval, or every asset is stale between two heartbeats");
        }
        reader.finish();
        return new Heartbeat(interval, ttl);
    }

    private static Telemetry telemetry(FieldReader reader) {
        FieldReader declared = reader.object("metrics");
        Map<String, Metric> metrics = new LinkedHashMap<>();
        List<String> names = declared.names();
        if (names.size() > MAX_METRICS) {
            declared.problem("", "has " + names.size() + " metrics, at most " + MAX_METRICS + " are allowed");
        }
        for (String name : names) {
            if (!METRIC_NAME.matcher(name).matches()) {
                declared.problem(name, "is not a metric name: it must match " + METRIC_NAME);
            }
            metrics.put(name, metric(name, declared.object(name)));
        }
        int unknown = reader.number("unknownMetricsLimit", 50, 0, 1000);
        reader.finish();
        return new Telemetry(Collections.unmodifiableMap(metrics), unknown);
    }

    private static Kept kept(FieldReader reader) {
        Kept kept = new Kept(
                days(reader, "telemetry"),
                days(reader, "positions"),
                days(reader, "events"),
                days(reader, "logs"),
                days(reader, "minutes"),
                days(reader, "hours"),
                days(reader, "files"));
        reader.finish();
        return kept;
    }

    private static Files files(FieldReader reader) {
        Files files = new Files(
                reader.bytes("maxSize", MIN_FILE, MAX_FILE_BYTES), reader.bytes("quota", MIN_FILE, MAX_FILE_BYTES));
        reader.finish();
        return files;
    }

    private static Map<Severity, Double> logShares(FieldReader reader) {
        FieldReader sample = reader.object("sample");
        Map<Severity, Double> shares = new EnumMap<>(Severity.class);
        for (Severity severity : Severity.values()) {
            String name = severity.name().toLowerCase(Locale.ROOT);
            Double share = sample.decimal(name);
            if (share != null && (share < 0 || share > 1)) {
                sample.problem(name, "must be a share from 0 to 1, found " + share);
            } else if (share != null) {
                shares.put(severity, share);
            }
        }
        sample.finish();
        reader.finish();
        return Collections.unmodifiableMap(shares);
    }

    private static @Nullable Duration days(FieldReader reader, String field) {
        if (!reader.has(field)) {
            return null;
        }
        Duration kept = reader.duration(field, DAY, DAY, MAX_KEPT);
        if (kept.toDays() * DAY.toMillis() != kept.toMillis()) {
            reader.problem(field, "must be whole days such as \"30d\", because a day is deleted as one");
        }
        return kept;
    }

    private static Metric metric(String name, FieldReader reader) {
        MetricKind kind = reader.choice("type", MetricKind.class, MetricKind.NUMBER);
        String unit = reader.text("unit", "");
        if (unit.length() > MAX_UNIT) {
            reader.problem("unit", "is longer than " + MAX_UNIT + " characters");
        }
        Double min = reader.decimal("min");
        Double max = reader.decimal("max");
        boolean numeric = kind == MetricKind.NUMBER || kind == MetricKind.INTEGER;
        if (!numeric && (min != null || max != null || !unit.isEmpty())) {
            reader.problem("", "has a unit or bounds, which only a number or an integer can have");
        }
        if (min != null && max != null && min > max) {
            reader.problem("min", "is " + min + ", which is above max " + max);
        }
        Metric metric = new Metric(name, kind, unit, min, max, reader.text("description", ""));
        reader.finish();
        return metric;
    }

    private Map<String, Command> commands(FieldReader reader) {
        Map<String, Command> commands = new LinkedHashMap<>();
        List<String> names = reader.names();
        if (names.size() > MAX_COMMANDS) {
            reader.problem("", "has " + names.size() + " commands, at most " + MAX_COMMANDS + " are allowed");
        }
        for (String name : names) {
            if (!COMMAND_NAME.matcher(name).matches()) {
                reader.problem(name, "is not a command name: it must match " + COMMAND_NAME);
            }
            FieldReader command = reader.object(name);
            JsonNode schema = command.json("parameters");
            String problem = parameters.problemOf(schema);
            if (problem != null) {
                command.problem("parameters", problem);
            }
            commands.put(
                    name,
                    new Command(
                            name,
                            command.text("description", ""),
                            schema,
                            command.duration("timeout", Duration.ofMinutes(1), SECOND, DAY.multipliedBy(7)),
                            command.flag("disruptive", false)));
            command.finish();
        }
        return Collections.unmodifiableMap(commands);
    }

    private UpdatePolicy updatePolicy(FieldReader reader) {
        UpdatePolicy policy = new UpdatePolicy(
                reader.choice("mode", UpdatePolicy.Mode.class, UpdatePolicy.Mode.MANUAL),
                reader.flag("automaticRollback", true),
                reader.duration("soak", Duration.ofMinutes(10), Duration.ZERO, DAY.multipliedBy(30)),
                reader.text("requires", ""),
                bounds(reader.object("metrics")),
                reader.has("space") ? space(reader.object("space")) : null,
                reader.number("approvals", 0, 0, MAX_APPROVALS),
                share(reader, "approvalsAbove"),
                approvalsOf(reader.object("approvalsOf")));
        if (!policy.requires().isEmpty()) {
            String problem = selectorProblem.apply(policy.requires());
            if (problem != null) {
                reader.problem("requires", problem);
            }
        }
        reader.finish();
        return policy;
    }

    private static Map<String, Integer> approvalsOf(FieldReader reader) {
        Map<String, Integer> all = new LinkedHashMap<>();
        List<String> names = reader.names();
        if (names.size() > MAX_BOUNDS) {
            reader.problem("", "has " + names.size() + " components, at most " + MAX_BOUNDS + " are allowed");
        }
        for (String name : names) {
            all.put(name, reader.number(name, 0, 0, MAX_APPROVALS));
        }
        reader.finish();
        return all;
    }

    private static Map<String, Bounds> bounds(FieldReader reader) {
        Map<String, Bounds> all = new LinkedHashMap<>();
        List<String> names = reader.names();
        if (names.size() > MAX_BOUNDS) {
            reader.problem("", "has " + names.size() + " metrics, at most " + MAX_BOUNDS + " are allowed");
        }
        for (String name : names) {
            FieldReader one = reader.object(name);
            Bounds bounds = new Bounds(one.decimal("min"), one.decimal("max"), maxAge(one));
            if (bounds.min() == null && bounds.max() == null) {
                one.problem("", "needs a min, a max, or both");
            } else if (bounds.min() != null && bounds.max() != null && bounds.min() > bounds.max()) {
                one.problem("min", "is " + bounds.min() + ", above max, which is " + bounds.max());
            }
            all.put(name, bounds);
            one.finish();
        }
        reader.finish();
        return all;
    }

    private static Space space(FieldReader reader) {
        Double times = reader.decimal("times");
        Long reserve = reader.bytes("reserve", 0, Long.MAX_VALUE);
        if (times != null && (times < 0 || times > MAX_TIMES)) {
            reader.problem("times", "must be from 0 to " + MAX_TIMES + ", found " + times);
        }
        Space space = new Space(
                reader.requiredText("metric"),
                times == null ? 1 : times,
                reserve == null ? 0 : reserve,
                maxAge(reader));
        reader.finish();
        return space;
    }

    private static Duration maxAge(FieldReader reader) {
        return reader.duration("maxAge", Duration.ofHours(1), SECOND, DAY.multipliedBy(30));
    }

    private static double share(FieldReader reader, String field) {
        Double share = reader.decimal(field);
        if (share == null) {
            return 0;
        }
        if (share < 0 || share > 1) {
            reader.problem(field, "must be a share from 0 to 1, found " + share);
        }
        return share;
    }

    private static JsonNode baseline(FieldReader reader) {
        JsonNode baseline = reader.json("baseline");
        if (!baseline.isObject()) {
            reader.problem("baseline", "must be an object");
        }
        int characters = baseline.toString().length();
        if (characters > MAX_BASELINE_CHARACTERS) {
            reader.problem(
                    "baseline",
                    "has " + characters + " characters, at most " + MAX_BASELINE_CHARACTERS + " are allowed");
        }
        return baseline;
    }
}
