package dev.muster.registry.facet;

import dev.muster.identity.Actor;
import dev.muster.identity.Scope;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.asset.AssetGrouping;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Counts the actor's assets by what they are narrowed by; answers are some seconds old, and the same for all of a scope. */
@Component
class Facets {
    static final int MAX_FACETS = 16;
    static final int MAX_VALUES = 200;
    static final int MAX_CHOSEN = 200;
    static final int MAX_KEYS = 200;
    private static final int MAX_KEPT = 200;
    private static final int MAX_TEXT = 300;
    private static final Duration COUNTS = Duration.ofSeconds(3);
    private static final Duration KEYS = Duration.ofSeconds(20);

    private final AssetDirectory directory;
    private final FacetStore store;
    private final Clock clock;
    private final Remembered<Asked, Answer> answers;
    private final Remembered<Scope, Keys> keys;

    Facets(AssetDirectory directory, FacetStore store, Clock clock) {
        this.directory = directory;
        this.store = store;
        this.clock = clock;
        this.answers = new Remembered<>(MAX_KEPT, COUNTS, clock);
        this.keys = new Remembered<>(MAX_KEPT, KEYS, clock);
    }

    /**
     * What is asked.
     *
     * @param selector what holds beside the facets
     * @param chosen {@code FACET=VALUE}: of each facet one of its values; a facet whose value is empty means those without
     */
    record Question(
            @Nullable String selector,
            @Nullable String text,
            List<String> by,
            List<String> chosen,
            String contained,
            int limit) {}

    private record Asked(Scope scope, Question question) {}

    /** @param assets that fulfil the selector and everything chosen */
    record Answer(Instant at, long assets, List<Facet> facets) {}

    /** @param labels keys, with how many assets have them; {@code software} the same of components */
    record Keys(Instant at, List<Facet.Value> labels, List<Facet.Value> software) {}

    Answer count(Actor actor, Question question) {
        return answers.get(new Asked(actor.scope(), question), () -> fresh(actor, question));
    }

    Keys keys(Actor actor) {
        return keys.get(actor.scope(), () -> {
            AssetFilter filter = directory.filter(actor, null, null);
            if (filter.exact()) {
                return new Keys(
                        clock.instant(),
                        store.keys("labels", filter.condition(), MAX_KEYS),
                        store.keys("software", filter.condition(), MAX_KEYS));
            }
            Map<String, Long> labels = new HashMap<>();
            Map<String, Long> software = new HashMap<>();
            directory.forEach(filter, asset -> {
                asset.labels().keySet().forEach(key -> labels.merge(key, 1L, Long::sum));
                asset.software().keySet().forEach(key -> software.merge(key, 1L, Long::sum));
            });
            return new Keys(
                    clock.instant(), ordered(labels, Set.of(), MAX_KEYS), ordered(software, Set.of(), MAX_KEYS));
        });
    }

    private Answer fresh(Actor actor, Question question) {
        Map<String, Set<String>> chosen = chosen(question.chosen());
        Map<String, AssetGrouping> facets = new LinkedHashMap<>();
        List<String> all = new ArrayList<>(question.by());
        all.addAll(chosen.keySet());
        for (String name : all) {
            facets.computeIfAbsent(name, AssetGrouping::by);
        }
        refuseTooMany(facets.size(), MAX_FACETS, "facets");
        if (facets.isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID, "by is missing: say by which fields the assets are counted, such as by=type");
        }
        if (question.contained().length() > MAX_TEXT || question.contained().indexOf('\0') >= 0) {
            throw new Refusal(ErrorCode.INVALID, "contains has more than " + MAX_TEXT + " characters or a NUL");
        }
        if (question.limit() < 1 || question.limit() > MAX_VALUES) {
            throw new Refusal(ErrorCode.INVALID, "limit is " + question.limit() + "; allowed is 1 to " + MAX_VALUES);
        }
        AssetFilter filter = directory.filter(actor, question.selector(), question.text());
        FacetStore.Counted counted = filter.exact()
                ? store.count(filter.condition(), facets, chosen, question.contained(), question.limit())
                : oneByOne(filter, facets, chosen, question.contained(), question.limit());
        return new Answer(clock.instant(), counted.all(), counted.facets());
    }

    /** For what PostgreSQL cannot decide: every asset is looked at. */
    private FacetStore.Counted oneByOne(
            AssetFilter filter,
            Map<String, AssetGrouping> facets,
            Map<String, Set<String>> chosen,
            String contained,
            int limit) {
        Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
        facets.keySet().forEach(name -> counts.put(name, new HashMap<>()));
        long[] all = new long[1];
        directory.forEach(filter, asset -> {
            Map<String, String> values = new HashMap<>();
            Set<String> missed = new LinkedHashSet<>();
            facets.forEach((name, grouping) -> {
                String value = grouping.of().apply(asset);
                values.put(name, value);
                Set<String> wanted = chosen.getOrDefault(name, Set.of());
                if (!wanted.isEmpty() && !wanted.contains(value)) {
                    missed.add(name);
                }
            });
            all[0] += missed.isEmpty() ? 1 : 0;
            counts.forEach((name, byValue) -> {
                if (missed.isEmpty() || missed.equals(Set.of(name))) {
                    byValue.merge(Objects.requireNonNull(values.get(name)), 1L, Long::sum);
                }
            });
        });
        List<Facet> answer = new ArrayList<>();
        String part = contained.toLowerCase(Locale.ROOT);
        counts.forEach((name, byValue) -> {
            byValue.keySet().removeIf(value -> !value.toLowerCase(Locale.ROOT).contains(part));
            Set<String> wanted = chosen.getOrDefault(name, Set.of());
            answer.add(new Facet(name, FacetStore.withChosen(ordered(byValue, wanted, limit), wanted), byValue.size()));
        });
        return new FacetStore.Counted(all[0], answer);
    }

    private static List<Facet.Value> ordered(Map<String, Long> counts, Set<String> first, int limit) {
        return counts.entrySet().stream()
                .map(entry -> new Facet.Value(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing((Facet.Value value) -> !first.contains(value.value()))
                        .thenComparing(
                                Comparator.comparingLong(Facet.Value::assets).reversed())
                        .thenComparing(Facet.Value::value))
                .limit(limit)
                .toList();
    }

    private static Map<String, Set<String>> chosen(Collection<String> given) {
        refuseTooMany(given.size(), MAX_CHOSEN, "chosen values");
        Map<String, Set<String>> chosen = new LinkedHashMap<>();
        for (String each : given) {
            int equals = each.indexOf('=');
            if (equals < 1 || each.length() > 2 * MAX_TEXT || each.indexOf('\0') >= 0) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "chosen must be of the form FACET=VALUE, such as region=eu; found one that is not");
            }
            chosen.computeIfAbsent(each.substring(0, equals), _ -> new LinkedHashSet<>())
                    .add(each.substring(equals + 1));
        }
        return chosen;
    }

    private static void refuseTooMany(int found, int allowed, String what) {
        if (found > allowed) {
            throw new Refusal(
                    ErrorCode.INVALID, found + " " + what + " are asked for; at most " + allowed + " are allowed");
        }
    }
}
