package dev.muster.registry.selector;

import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.Presence;
import dev.muster.registry.selector.Term.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes selectors and assets that meet often enough to say something: few values, many of them nasty. */
final class TermGenerator {
    /** Decomposed and precomposed é, astral characters, what LIKE and quoting find special, and what sorts around surrogates. */
    static final List<String> VALUES = List.of(
            "",
            "a",
            "b",
            "A",
            "ab",
            "abc",
            "eu",
            "EU",
            "é",
            "e\u0301",
            "ß",
            "ss",
            "\uD83D\uDE00",
            "\uFF21",
            "\uE000",
            "a%c",
            "a_c",
            "a\\c",
            "%",
            "_",
            "it's",
            "\"",
            "?",
            "7",
            "42",
            "-3",
            "null",
            "日本",
            "日",
            " ",
            "a ",
            "i",
            "İ",
            "ﬁ");

    private static final List<String> KEYS = List.of("a", "region", "b.c", "d-e", "f/g", "k9", "A", "it", "x_y");
    /** Those that are identifiers, so that {@code asset.labels.key} and {@code has()} can name them. */
    private static final List<String> IDENTIFIERS = List.of("a", "region", "k9", "A", "it", "x_y");

    private static final List<String> MAPS = List.of("labels", "software");
    private static final List<String> FIELDS =
            List.of("id", "type", "owner", "region", "site", "hardware", "lifecycle", "presence");
    private static final List<String> INSTANTS =
            List.of("created", "updated", "presenceSince", "lastSeen", "certificateExpires");
    private static final List<String> COMPARISONS = List.of("==", "!=", "<", "<=", ">", ">=");

    private final Random random;

    TermGenerator(Random random) {
        this.random = random;
    }

    Term term(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return leaf();
        }
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new Term.And(term(depth - 1), term(depth - 1));
            case 3, 4 -> new Term.Or(term(depth - 1), term(depth - 1));
            case 5, 6 -> new Term.Not(term(depth - 1));
            default -> new Term.Choice(term(depth - 1), term(depth - 1), term(depth - 1));
        };
    }

    private Term leaf() {
        return switch (random.nextInt(28)) {
            case 0, 1, 2, 3, 4, 5 ->
                new Term.TextComparison(text(), one(COMPARISONS), constant(), random.nextInt(4) == 0);
            case 6, 7 -> new Term.TextPair(text(), one(COMPARISONS), text());
            case 8, 9, 10 ->
                new Term.TextFunction(text(), one(List.of("startsWith", "endsWith", "contains")), constant());
            case 11, 12, 13 ->
                new Term.In(
                        text(),
                        IntStream.range(0, random.nextInt(4))
                                .mapToObj(i -> constant())
                                .toList());
            case 14, 15 -> new Term.HasKey(one(MAPS), one(IDENTIFIERS), false);
            case 16 -> new Term.HasKey(one(MAPS), one(KEYS), true);
            case 17 ->
                new Term.HasField(one(List.of(
                        "owner", "site", "labels", "software", "drift", "lastSeen", "certificateExpires", "created")));
            case 18, 19 ->
                new Term.InstantComparison(
                        one(INSTANTS), one(COMPARISONS), random.nextInt(4) * 24, random.nextInt(4) == 0);
            case 20 -> new Term.InstantPair(one(INSTANTS), one(COMPARISONS), one(INSTANTS));
            case 21 -> new Term.Mixed(text(), one(COMPARISONS), random.nextInt(50));
            case 22 -> new Term.Number(label(), one(COMPARISONS), random.nextInt(50));
            case 23 -> new Term.Matches(text(), one(List.of("^a", "[0-9]+$", "a.c", "^$", "é")));
            case 24 ->
                random.nextBoolean()
                        ? new Term.Size(text(), one(COMPARISONS), random.nextInt(4))
                        : new Term.AnyText(one(MAPS), constant());
            case 25, 26 ->
                new Term.CountComparison(
                        one(COMPARISONS), random.nextInt(4), random.nextInt(6) == 0, random.nextInt(4) == 0);
            default -> new Term.Literal(random.nextBoolean());
        };
    }

    private Text text() {
        if (random.nextBoolean()) {
            return label();
        }
        return new Text("asset." + one(FIELDS), "field", null);
    }

    private Text label() {
        String map = random.nextInt(3) == 0 ? "software" : "labels";
        String key = one(KEYS);
        return IDENTIFIERS.contains(key) && random.nextBoolean()
                ? new Text("asset." + map + "." + key, map, key)
                : new Text("asset." + map + "[" + Term.quoted(key) + "]", map, key);
    }

    private String constant() {
        return switch (random.nextInt(12)) {
            case 0 -> one(List.of("active", "registered", "online", "never_seen", "t0", "t1"));
            case 1 -> "a\u0000c";
            default -> one(VALUES);
        };
    }

    Asset asset(int number, Instant now) {
        Map<String, String> labels = new HashMap<>();
        for (String key : KEYS) {
            if (random.nextInt(5) < 2) {
                labels.put(key, one(VALUES));
            }
        }
        return new Asset(
                new AssetId(one(List.of("a", "A", "b", "7", "abc")) + number),
                "t" + random.nextInt(3),
                labels,
                one(VALUES),
                one(VALUES),
                one(VALUES),
                one(VALUES),
                one(List.of(Lifecycle.values())),
                one(List.of(Presence.values())),
                moment(now),
                maybe(now),
                maybe(now),
                software(),
                random.nextInt(3) == 0 ? null : random.nextInt(4),
                moment(now),
                moment(now),
                number);
    }

    private Map<String, String> software() {
        Map<String, String> software = new HashMap<>();
        for (String component : KEYS) {
            if (random.nextInt(5) < 2) {
                software.put(component, one(VALUES));
            }
        }
        return software;
    }

    private @Nullable Instant maybe(Instant now) {
        return random.nextBoolean() ? null : moment(now);
    }

    /** On, just before and just after the moments that selectors ask for. */
    private Instant moment(Instant now) {
        return now.minus(Duration.ofHours(random.nextInt(4) * 24L)).plusNanos((random.nextInt(3) - 1) * 1_000L);
    }

    private <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
