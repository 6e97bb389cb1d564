package dev.muster.agent.work;

import dev.muster.agent.budget.Budget;
import dev.muster.agent.config.Fields;
import dev.muster.agent.logs.LogSource;
import dev.muster.agent.rules.Rule;
import dev.muster.protocol.Severity;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The part {@code agent} of the desired configuration: how often, how much, what of it. Every key may be missing.
 *
 * @param withoutMetrics that are not sent at all
 * @param uploadBytesPerSecond 0 for no limit; so for downloads
 */
record WorkConfig(
        Duration heartbeat,
        Duration metrics,
        Set<String> withoutMetrics,
        Map<String, Rule> rules,
        Duration logInterval,
        List<LogSource> logs,
        long uploadBytesPerSecond,
        long downloadBytesPerSecond,
        Budget.Limits budget) {
    private static final int MAX_RULES = 256;
    private static final int MAX_SOURCES = 32;
    private static final int MAX_PATHS = 16;
    private static final long MAX_SECONDS = 86_400;
    private static final long MAX_RATE = 1L << 40;

    /** Reads the part; whatever is wrong is added to the problems, with its path. */
    static WorkConfig read(JsonNode part, Intervals defaults, List<String> problems) {
        Fields fields = new Fields(WorkPart.NAME, part, problems);
        Fields metrics = fields.object("metrics");
        Fields logs = fields.object("logs");
        Fields bandwidth = fields.object("bandwidth");
        Fields budget = fields.object("budget");
        WorkConfig config = new WorkConfig(
                seconds(fields, "heartbeatSeconds", defaults.heartbeatSeconds(), 5),
                seconds(metrics, "seconds", defaults.metricsSeconds(), 1),
                new LinkedHashSet<>(metrics.texts("without")),
                rules(metrics),
                seconds(logs, "seconds", 5, 1),
                sources(logs),
                bandwidth.number("uploadBytesPerSecond", 0, 0, MAX_RATE),
                bandwidth.number("downloadBytesPerSecond", 0, 0, MAX_RATE),
                limits(budget));
        List.of(fields, metrics, logs, bandwidth, budget).forEach(Fields::nothingElse);
        return config;
    }

    private static Duration seconds(Fields fields, String key, long fallback, long least) {
        return Duration.ofSeconds(fields.number(key, fallback, least, MAX_SECONDS));
    }

    private static Budget.Limits limits(Fields budget) {
        long memory = budget.number("memoryBytes", 100L << 20, 32L << 20, 1L << 40);
        double cpu = positive(budget, "cpuShare").orElse(0.05);
        double heat = positive(budget, "pauseAboveKelvin").orElse(Double.POSITIVE_INFINITY);
        return new Budget.Limits(memory, cpu, heat);
    }

    private static OptionalDouble positive(Fields fields, String key) {
        OptionalDouble value = fields.decimal(key);
        if (value.isPresent() && value.getAsDouble() <= 0) {
            fields.problem(key, "is " + value.getAsDouble() + " and must be more than 0");
            return OptionalDouble.empty();
        }
        return value;
    }

    private static Map<String, Rule> rules(Fields metrics) {
        Map<String, Rule> rules = new HashMap<>(metrics.objects("rules", (metric, fields) -> rule(fields)));
        if (rules.size() > MAX_RULES) {
            metrics.problem("rules", "has " + rules.size() + " entries, at most " + MAX_RULES + " are allowed");
        }
        return rules;
    }

    private static Rule rule(Fields fields) {
        Optional<Rule.Aggregate> aggregate =
                fields.has("aggregate") ? aggregate(fields.object("aggregate")) : Optional.empty();
        Optional<Rule.Threshold> threshold =
                fields.has("threshold") ? threshold(fields.object("threshold")) : Optional.empty();
        Optional<Rule.Sampling> sampling =
                fields.has("sampling") ? sampling(fields.object("sampling")) : Optional.empty();
        fields.nothingElse();
        if (aggregate.isPresent() && sampling.isPresent()) {
            fields.problem("sampling", "is given beside aggregate; leave one of them out");
            return Rule.NONE;
        }
        return new Rule(aggregate, threshold, sampling);
    }

    private static Optional<Rule.Aggregate> aggregate(Fields fields) {
        Duration window = seconds(fields, "seconds", 60, 1);
        List<Rule.Function> functions = new ArrayList<>();
        for (String name : fields.has("functions") ? fields.texts("functions") : List.of("mean")) {
            try {
                functions.add(Rule.Function.valueOf(name.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                fields.problem("functions", "has '" + name + "'; mean, min, max and last are known");
            }
        }
        fields.nothingElse();
        if (functions.isEmpty() || new LinkedHashSet<>(functions).size() < functions.size()) {
            fields.problem("functions", "must have one of mean, min, max and last, or several, each once");
            return Optional.empty();
        }
        return Optional.of(new Rule.Aggregate(window, functions));
    }

    private static Optional<Rule.Threshold> threshold(Fields fields) {
        OptionalDouble above = fields.decimal("above");
        OptionalDouble below = fields.decimal("below");
        OptionalDouble clear = fields.decimal("clear");
        Severity severity = fields.parsed("severity", Severity.WARN, WorkConfig::severity);
        fields.nothingElse();
        if (above.isPresent() == below.isPresent()) {
            fields.problem("above", "or below must be given, and not both");
            return Optional.empty();
        }
        double limit = above.orElseGet(below::getAsDouble);
        double cleared = clear.orElse(limit);
        if (above.isPresent() ? cleared > limit : cleared < limit) {
            fields.problem("clear", "is " + cleared + " and must not be beyond the limit " + limit);
            return Optional.empty();
        }
        return Optional.of(new Rule.Threshold(above.isPresent(), limit, cleared, severity));
    }

    private static Optional<Rule.Sampling> sampling(Fields fields) {
        double change = fields.decimal("change").orElse(0);
        Duration every = seconds(fields, "everySeconds", 300, 1);
        fields.nothingElse();
        if (change < 0) {
            fields.problem("change", "is " + change + " and must be 0 or more");
            return Optional.empty();
        }
        return Optional.of(new Rule.Sampling(change, every));
    }

    private static List<LogSource> sources(Fields logs) {
        Map<String, Optional<LogSource>> sources = logs.objects("sources", WorkConfig::source);
        if (sources.size() > MAX_SOURCES) {
            logs.problem("sources", "has " + sources.size() + " entries, at most " + MAX_SOURCES + " are allowed");
        }
        return sources.values().stream().flatMap(Optional::stream).toList();
    }

    private static Optional<LogSource> source(String name, Fields fields) {
        List<Path> paths = new ArrayList<>();
        List<String> texts = fields.texts("paths");
        for (String text : texts) {
            path(fields, text).ifPresent(paths::add);
        }
        Severity severity = fields.parsed("severity", Severity.INFO, WorkConfig::severity);
        int rate = (int) fields.number("linesPerSecond", 100, 1, 10_000);
        fields.nothingElse();
        if (texts.isEmpty() || texts.size() > MAX_PATHS) {
            fields.problem("paths", "has " + texts.size() + " entries; 1 to " + MAX_PATHS + " are allowed");
        }
        if (name.isEmpty() || name.length() > 64 || name.chars().anyMatch(Character::isISOControl)) {
            fields.problem("paths", "belongs to a source whose name has not 1 to 64 printable characters");
        }
        return paths.isEmpty() ? Optional.empty() : Optional.of(new LogSource(name, paths, severity, rate));
    }

    private static Optional<Path> path(Fields fields, String text) {
        try {
            Path path = Path.of(text).normalize();
            Path parent = path.getParent();
            boolean wildFolder = parent != null && parent.toString().chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
            if (path.isAbsolute() && path.getFileName() != null && !wildFolder) {
                return Optional.of(path);
            }
        } catch (InvalidPathException e) {
            fields.problem("paths", "has '" + text + "', which is no path");
            return Optional.empty();
        }
        fields.problem("paths", "has '" + text + "'; a path is absolute, and only its last part may have wildcards");
        return Optional.empty();
    }

    private static Severity severity(String text) {
        try {
            return Severity.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be one of trace, debug, info, warn, error, fatal", e);
        }
    }
}
