package dev.muster.rollout.spec;

import dev.muster.actuator.EvidenceLevel;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import dev.muster.registry.selector.Selectors;
import dev.muster.rollout.engine.Conduct;
import dev.muster.rollout.engine.Conduct.OnFailure;
import dev.muster.rollout.engine.Deadline;
import dev.muster.rollout.engine.Percent;
import dev.muster.rollout.engine.PlaceLimit;
import dev.muster.rollout.engine.Retries;
import dev.muster.rollout.gate.GateExpressions;
import dev.muster.twin.configuration.ConfigurationSpec;
import dev.muster.window.MaintenanceWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Reads the {@code spec} of a rollout, with every problem in it. */
public final class RolloutSpecReader {
    public static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    static final int MAX_WAVES = 20;
    static final int MAX_ATTRIBUTES = 4;
    /** The wave of those that {@code staging} selects. */
    public static final String STAGING = "staging";

    private static final int MAX_PRIORITY = 100;
    private static final int MAX_SEED = 128;
    static final int MAX_BLACKOUTS = 50;
    static final int MAX_PER_MINUTE = 1_000_000;
    static final int MAX_IN_FLIGHT = 100_000;
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int MAX_VERSION = 128;
    private static final int MAX_DESCRIPTION = 1_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration YEAR = Duration.ofDays(366);
    static final int MAX_RETRIES = 20;

    private final List<Problem> problems = new ArrayList<>();
    private final Selectors selectors;

    private final GateExpressions expressions;

    private RolloutSpecReader(Selectors selectors, GateExpressions expressions) {
        this.selectors = selectors;
        this.expressions = expressions;
    }

    /** What was read, to be used only when there is no problem. */
    public record Read(RolloutSpec spec, List<Problem> problems) {}

    public static Read read(String name, JsonNode json, Selectors selectors, GateExpressions expressions) {
        RolloutSpecReader reader = new RolloutSpecReader(selectors, expressions);
        return new Read(reader.spec(name, json), List.copyOf(reader.problems));
    }

    /** What restarts when the change arrives. */
    private enum Restart {
        COMPONENT,
        ASSET
    }

    /** What becomes of targets that could not go back. */
    private enum WithoutRollbackTarget {
        EXCLUDE,
        ALLOW
    }

    /** What becomes of assets that are selected only after the start. */
    private enum Joins {
        INCLUDE,
        LEAVE
    }

    private RolloutSpec spec(String name, JsonNode json) {
        if (!NAME.matcher(name).matches()) {
            problems.add(new Problem("metadata.name", "must match " + NAME + ", found \"" + name + "\""));
        }
        FieldReader reader = FieldReader.of("spec", json, problems);
        String description = reader.text("description", "");
        if (description.length() > MAX_DESCRIPTION) {
            reader.problem("description", "is longer than " + MAX_DESCRIPTION + " characters");
        }
        RolloutSpec.Change change = change(reader.object("change"));
        // a configuration says itself whom it is for
        String selector = change instanceof RolloutSpec.Change.ConfigurationChange
                ? reader.text("selector", "true")
                : reader.requiredText("selector");
        if (!selector.isEmpty()) {
            selectors.problem(selector).ifPresent(problem -> reader.problem("selector", problem));
        }
        String staging = reader.has("staging") ? reader.requiredText("staging") : null;
        if (staging != null && !staging.isEmpty()) {
            selectors.problem(staging).ifPresent(problem -> reader.problem("staging", problem));
        }
        List<Attribute> stratify = attributes(reader, "stratify");
        String seed = reader.text("seed", name);
        if (seed.isEmpty() || seed.length() > MAX_SEED) {
            reader.problem("seed", "must have 1 to " + MAX_SEED + " characters");
        }
        int priority = reader.number("priority", 0, -MAX_PRIORITY, MAX_PRIORITY);
        List<WaveSpec> waves = waves(reader);
        WindowSpec window = reader.has("window") ? window(reader.object("window")) : null;
        List<Blackout> blackouts = blackouts(reader);
        FieldReader failures = reader.object("failures");
        OnFailure onFailure = failures.choice("then", OnFailure.class, OnFailure.ROLLBACK);
        Conduct.Scope scope = failures.choice("scope", Conduct.Scope.class, Conduct.Scope.ALL);
        List<Attribute> failuresBy = failuresBy(failures, scope, stratify);
        List<GateSpec> gates = new GateReader(problems, expressions, onFailure).read(reader);
        FieldReader places = reader.object("perPlace");
        Attribute placesBy = placesBy(reader, places);
        PlaceLimit perPlace = placesBy == null
                ? null
                : new PlaceLimit(
                        places.number("maxInFlight", MAX_IN_FLIGHT, 1, MAX_IN_FLIGHT),
                        places.number("perMinute", 0, 0, MAX_PER_MINUTE));
        places.finish();
        Conduct conduct = new Conduct(
                change.version(),
                reader.number("maxInFlight", 100, 1, MAX_IN_FLIGHT),
                reader.number("perMinute", 0, 0, MAX_PER_MINUTE),
                reader.duration("soak", Duration.ofMinutes(10), Duration.ZERO, MONTH),
                reader.duration("timeout", Duration.ofMinutes(30), SECOND, MONTH),
                percent(failures, "threshold", new Percent(1_000)),
                failures.number("minSamples", 1, 1, 1_000_000),
                onFailure,
                scope,
                reader.choice("evidence", EvidenceLevel.class, EvidenceLevel.HEALTHY),
                reader.choice("restart", Restart.class, Restart.COMPONENT) == Restart.ASSET,
                reader.choice("withoutRollbackTarget", WithoutRollbackTarget.class, WithoutRollbackTarget.EXCLUDE)
                        == WithoutRollbackTarget.ALLOW,
                reader.choice("joins", Joins.class, Joins.INCLUDE) == Joins.INCLUDE,
                reader.duration("patience", Duration.ofDays(1), SECOND, MONTH),
                gates.stream().map(GateSpec::check).toList(),
                retries(reader.object("retries")),
                reader.has("deadline") ? deadline(reader.object("deadline")) : null,
                perPlace);
        boolean quarantine = failures.flag("quarantine", true);
        failures.finish();
        reader.finish();
        return new RolloutSpec(
                description,
                selector,
                change,
                staging,
                stratify,
                failuresBy,
                seed,
                waves,
                gates,
                priority,
                placesBy,
                window,
                blackouts,
                quarantine,
                conduct);
    }

    private RolloutSpec.Change change(FieldReader reader) {
        boolean release = reader.has("release");
        boolean configuration = reader.has("configuration");
        RolloutSpec.Change change =
                configuration ? configuration(reader.object("configuration")) : release(reader.object("release"));
        if (release && configuration) {
            reader.problem("", "brings a release and a configuration; one rollout moves one of them");
        } else if (!release && !configuration) {
            reader.problem("", "must name either a release or a configuration");
        }
        reader.finish();
        return change;
    }

    private static RolloutSpec.Change release(FieldReader release) {
        String component = release.requiredText("component");
        if (!component.isEmpty() && !COMPONENT.matcher(component).matches()) {
            release.problem("component", "must match " + COMPONENT + ", found \"" + component + "\"");
        }
        String version = release.requiredText("version");
        if (version.length() > MAX_VERSION || version.chars().anyMatch(Character::isISOControl)) {
            release.problem(
                    "version", "must have 1 to " + MAX_VERSION + " characters, none of them a control character");
        }
        release.finish();
        return new RolloutSpec.Change.ReleaseChange(component, version);
    }

    private static RolloutSpec.Change configuration(FieldReader configuration) {
        String name = configuration.requiredText("name");
        if (!name.isEmpty()) {
            ConfigurationSpec.problem(name).ifPresent(problem -> configuration.problem("name", problem));
        }
        if (!configuration.has("config")) {
            configuration.problem("config", "is missing; {} asks for nothing");
        }
        JsonNode config = ConfigurationSpec.config(configuration, "config");
        configuration.finish();
        return new RolloutSpec.Change.ConfigurationChange(name, config);
    }

    /** Waves that are not mixed by an attribute may have none of some of its values; then nothing could be told apart. */
    private static List<Attribute> failuresBy(FieldReader failures, Conduct.Scope scope, List<Attribute> stratify) {
        if (!failures.has("by")) {
            if (scope == Conduct.Scope.STRATUM && stratify.isEmpty()) {
                failures.problem(
                        "scope", "is stratum, and nothing tells strata apart; stratify by hardware, for example");
            }
            return scope == Conduct.Scope.STRATUM ? stratify : List.of();
        }
        List<Attribute> by = attributes(failures, "by");
        if (!stratify.containsAll(by)) {
            failures.problem(
                    "by",
                    "has " + by.stream().map(Attribute::name).toList() + ", and the waves are mixed by "
                            + stratify.stream().map(Attribute::name).toList()
                            + "; failures can be told apart by what each wave has some of");
            return List.of();
        }
        return by;
    }

    private static List<Attribute> attributes(FieldReader spec, String field) {
        if (!spec.has(field)) {
            return List.of();
        }
        JsonNode named = spec.json(field);
        if (!(named instanceof ArrayNode array) || array.isEmpty() || array.size() > MAX_ATTRIBUTES) {
            spec.problem(field, "must be a list of 1 to " + MAX_ATTRIBUTES + " attributes, found " + named);
            return List.of();
        }
        Set<Attribute> attributes = new LinkedHashSet<>();
        for (JsonNode name : array) {
            Attribute.parse(name.asString(""))
                    .ifPresentOrElse(
                            attributes::add,
                            () -> spec.problem(field, "has " + name + ", which is none of " + Attribute.ALLOWED));
        }
        return List.copyOf(attributes);
    }

    private List<WaveSpec> waves(FieldReader spec) {
        if (!spec.has("waves")) {
            return List.of(new WaveSpec("all", Percent.ALL, 0, 0, false));
        }
        if (!(spec.json("waves") instanceof ArrayNode array)) {
            spec.problem("waves", "must be a list of waves");
            return List.of();
        }
        if (array.isEmpty() || array.size() > MAX_WAVES) {
            spec.problem("waves", "must be 1 to " + MAX_WAVES + " waves, found " + array.size());
            return List.of();
        }
        List<WaveSpec> waves = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            waves.add(wave(FieldReader.of(spec.path() + ".waves[" + i + "]", array.get(i), problems), i));
        }
        for (int i = 1; i < waves.size(); i++) {
            Percent before = waves.get(i - 1).percent();
            Percent percent = waves.get(i).percent();
            if (before != null && percent != null && percent.compareTo(before) <= 0) {
                spec.problem(
                        "waves",
                        "goes until " + percent + " after a wave until " + before
                                + "; a wave says until where the rollout goes, with the waves before it");
            }
        }
        if (spec.has("staging") && waves.stream().anyMatch(wave -> wave.name().equals(STAGING))) {
            spec.problem("waves", "has a wave " + STAGING + ", which is the name of the cohort that goes first");
        }
        Percent last = waves.getLast().percent();
        if (last == null || !last.equals(Percent.ALL)) {
            spec.problem("waves", "must end with a wave of percent: 100%, so that no target is left over");
        }
        return waves;
    }

    private static WaveSpec wave(FieldReader reader, int index) {
        String name = reader.text("name", "wave-" + (index + 1));
        if (!NAME.matcher(name).matches()) {
            reader.problem("name", "must match " + NAME + ", found \"" + name + "\"");
        }
        boolean byPercent = reader.has("percent");
        boolean byCount = reader.has("count");
        if (byPercent == byCount) {
            reader.problem("", "needs either percent or count");
        }
        Percent percent = byPercent ? percent(reader, "percent", Percent.ALL) : null;
        if (percent != null && percent.hundredths() == 0) {
            reader.problem("percent", "must be more than 0%");
        }
        int count = reader.number("count", byPercent ? 0 : 1, byPercent ? 0 : 1, 10_000_000);
        WaveSpec wave = new WaveSpec(
                name, percent, count, reader.number("minimum", 0, 0, 10_000_000), reader.flag("manual", false));
        reader.finish();
        return wave;
    }

    private @Nullable WindowSpec window(FieldReader reader) {
        Set<DayOfWeek> days = days(reader);
        LocalTime from = time(reader, "from");
        LocalTime to = time(reader, "to");
        String zone = reader.text("zone", "UTC");
        ZoneId zoneId = WindowSpec.zone(zone).orElseGet(() -> {
            reader.problem("zone", "is not a time zone, found \"" + zone + "\"; take a name such as Europe/Berlin");
            return ZoneOffset.UTC;
        });
        String label = reader.has("zoneLabel") ? reader.text("zoneLabel", "") : null;
        reader.finish();
        return days.isEmpty() ? null : new WindowSpec(new MaintenanceWindow(days, from, to), zoneId, label);
    }

    private static @Nullable Attribute placesBy(FieldReader spec, FieldReader places) {
        if (!spec.has("perPlace")) {
            return null;
        }
        String by = places.requiredText("by");
        if (!places.has("maxInFlight") && !places.has("perMinute")) {
            places.problem("", "needs maxInFlight or perMinute");
        }
        return Attribute.parse(by)
                .filter(attribute -> !attribute.name().equals("version"))
                .orElseGet(() -> {
                    places.problem(
                            "by",
                            "is " + (by.isEmpty() ? "missing" : by)
                                    + "; what names a place is site, region, labels.KEY, such as labels.gateway");
                    return null;
                });
    }

    private static Retries retries(FieldReader reader) {
        Duration backoff = reader.duration("backoff", Retries.NONE.backoff(), SECOND, MONTH);
        Duration longest = reader.duration("longest", Retries.NONE.longest(), SECOND, MONTH);
        int limit = reader.number("limit", 0, 0, MAX_RETRIES);
        reader.finish();
        return new Retries(limit, backoff, longest.compareTo(backoff) < 0 ? backoff : longest);
    }

    private static @Nullable Deadline deadline(FieldReader reader) {
        Deadline.Then then = reader.choice("then", Deadline.Then.class, Deadline.Then.PAUSE);
        boolean byClock = reader.has("at");
        if (byClock == reader.has("after")) {
            reader.problem("", "needs either at or after");
            return null;
        }
        Deadline deadline = byClock
                ? new Deadline(moment(reader, "at"), null, then)
                : new Deadline(null, reader.duration("after", MONTH, SECOND, YEAR), then);
        reader.finish();
        return deadline;
    }

    private List<Blackout> blackouts(FieldReader spec) {
        if (!spec.has("blackouts")) {
            return List.of();
        }
        if (!(spec.json("blackouts") instanceof ArrayNode array) || array.size() > MAX_BLACKOUTS) {
            spec.problem("blackouts", "must be a list of at most " + MAX_BLACKOUTS + " times");
            return List.of();
        }
        List<Blackout> blackouts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            FieldReader reader = FieldReader.of(spec.path() + ".blackouts[" + i + "]", array.get(i), problems);
            Instant from = moment(reader, "from");
            Instant to = moment(reader, "to");
            if (!to.isAfter(from)) {
                reader.problem("to", "must be later than from");
            }
            blackouts.add(new Blackout(reader.text("name", "blackout-" + (i + 1)), from, to));
            reader.finish();
        }
        return blackouts;
    }

    private static Instant moment(FieldReader reader, String field) {
        String text = reader.requiredText(field);
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException invalid) {
            if (!text.isEmpty()) {
                reader.problem(field, "must be a moment such as \"2026-12-20T00:00:00+01:00\", found \"" + text + "\"");
            }
            return field.equals("to") ? Instant.MAX : Instant.MIN;
        }
    }

    private static Set<DayOfWeek> days(FieldReader reader) {
        if (!reader.has("days")) {
            return EnumSet.allOf(DayOfWeek.class);
        }
        EnumSet<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (JsonNode day : reader.json("days")) {
            String text = day.asString("").toLowerCase(Locale.ROOT);
            for (DayOfWeek known : DayOfWeek.values()) {
                if (known.name().toLowerCase(Locale.ROOT).substring(0, 3).equals(text)) {
                    days.add(known);
                }
            }
        }
        if (days.isEmpty() || days.size() != reader.json("days").size()) {
            reader.problem("days", "must be a list of mon, tue, wed, thu, fri, sat, sun, found " + reader.json("days"));
        }
        return days;
    }

    private static LocalTime time(FieldReader reader, String field) {
        String text = reader.requiredText(field);
        try {
            return LocalTime.parse(text);
        } catch (DateTimeParseException invalid) {
            if (!text.isEmpty()) {
                reader.problem(field, "must be a time such as \"22:00\", found \"" + text + "\"");
            }
            return LocalTime.MIDNIGHT;
        }
    }

    private static Percent percent(FieldReader reader, String field, Percent fallback) {
        if (!reader.has(field)) {
            return fallback;
        }
        JsonNode value = reader.json(field);
        String text = value.isValueNode() ? value.asString("") : value.toString();
        return Percent.parse(text).orElseGet(() -> {
            reader.problem(field, "must be a share from 0% to 100% such as \"10%\", found " + value);
            return fallback;
        });
    }
}
