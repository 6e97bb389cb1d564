package dev.muster.registry.selector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.testing.TestDatabase;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.Selector.Prefilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Thousands of selectors over assets in a real PostgreSQL: SQL and evaluator together say what a hand-written oracle says. */
class PrefilterTest {
    private static final long SEED = Long.getLong("muster.seed", 20261123L);
    private static final int EXPRESSIONS = Integer.getInteger("muster.expressions", 4_000);
    private static final int ASSETS = 150;
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final List<String> EXPECTED = List.of(
            "&&",
            "||",
            "!",
            "?:",
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "field",
            "labels",
            "software",
            "mirrored",
            "plain",
            "pair ==",
            "pair !=",
            "pair <",
            "startsWith",
            "endsWith",
            "contains",
            "in [...]",
            "in []",
            "has(labels)",
            "has(software)",
            "has(field)",
            "in labels",
            "in software",
            "count ==",
            "count !=",
            "count <",
            "count <=",
            "count >",
            "count >=",
            "instant ==",
            "instant !=",
            "instant <",
            "instant <=",
            "instant >",
            "instant >=",
            "instant pair",
            "mixed ==",
            "mixed !=",
            "mixed <",
            "int()",
            "matches",
            "size",
            "exists",
            "literal");

    @SuppressWarnings("NullAway.Init")
    private static JdbcTemplate jdbc;

    @SuppressWarnings("NullAway.Init")
    private static Map<String, Asset> assets;

    @BeforeAll
    static void fill() {
        jdbc = new JdbcTemplate(TestDatabase.fresh());
        TermGenerator generator = new TermGenerator(new Random(SEED));
        assets = new TreeMap<>();
        for (int type = 0; type < 3; type++) {
            jdbc.update(
                    "insert into asset_type (name, spec, created, updated, resource_version) values (?, '{}', now(), now(), 1)",
                    "t" + type);
        }
        for (int i = 0; i < ASSETS; i++) {
            Asset asset = generator.asset(i, NOW);
            assets.put(asset.id().value(), asset);
            insert(asset);
        }
    }

    @Test
    void sqlAndEvaluatorTogetherSayWhatTheOracleSays() {
        Tally tally = run(SqlTranslator::new, EXPRESSIONS);

        System.out.println(tally);
        assertThat(tally.differences).isEmpty();
        assertThat(tally.operators.keySet()).containsAll(EXPECTED);
        assertThat(tally.exact).isGreaterThan(EXPRESSIONS / 4);
        assertThat(tally.partly).isGreaterThan(EXPRESSIONS / 20);
        assertThat(tally.verdicts.keySet()).containsExactlyInAnyOrder("selected", "not selected", "undecided");
    }

    @Test
    void findsAMembershipThatForgetsAbsentLabels() {
        Tally tally = run(
                constants -> new SqlTranslator(constants) {
                    @Override
                    Rows memberOf(Operand field, List<?> values, boolean wanted) {
                        Operand careless = new Operand(field.sql(), field.kind(), false, field.entry());
                        return super.memberOf(careless, values, wanted);
                    }
                },
                1_000);

        assertThat(tally.differences).isNotEmpty();
    }

    @Test
    void findsAComparisonThatIsTooNarrow() {
        Tally tally = run(
                constants -> new SqlTranslator(constants) {
                    @Override
                    Rows comparedTo(Operand field, String operator, Object value) {
                        return super.comparedTo(field, operator.equals(">=") ? ">" : operator, value);
                    }
                },
                1_000);

        assertThat(tally.differences).isNotEmpty();
    }

    @Test
    void findsATextFunctionThatTakesPatterns() {
        Tally tally = run(
                constants -> new SqlTranslator(constants) {
                    @Override
                    Rows textFunction(Operand field, String function, String text, boolean wanted) {
                        List<Object> parameters = new ArrayList<>(field.sql().parameters());
                        parameters.add(text + "%");
                        return function.equals("startsWith")
                                ? Rows.exactly(new SqlCondition(
                                        "(" + field.sql().sql() + (wanted ? "" : " not") + " like ?)", parameters))
                                : super.textFunction(field, function, text, wanted);
                    }
                },
                1_000);

        assertThat(tally.differences).isNotEmpty();
    }

    private static Tally run(Function<Constants, SqlTranslator> translators, int expressions) {
        Selectors selectors = new Selectors(new SimpleMeterRegistry(), translators);
        TermGenerator generator = new TermGenerator(new Random(SEED + 1));
        Tally tally = new Tally();
        for (int i = 0; i < expressions; i++) {
            check(generator.term(i % 5), selectors, tally);
        }
        return tally;
    }

    private static void check(Term term, Selectors selectors, Tally tally) {
        Selector selector = selectors.compile(term.cel());
        Prefilter prefilter = selector.prefilter(NOW);
        Set<String> rows = new HashSet<>(ids(prefilter.condition()));
        Set<String> expected = new HashSet<>();
        Set<String> undecided = new HashSet<>();
        for (Asset asset : assets.values()) {
            Boolean oracle = term.of(asset, NOW);
            String id = asset.id().value();
            if (oracle == null) {
                undecided.add(id);
            } else if (oracle) {
                expected.add(id);
            }
            tally.verdict(oracle);
            Selector.Verdict verdict = selector.evaluate(asset, NOW);
            if (verdict
                    != (oracle == null
                            ? Selector.Verdict.UNDECIDED
                            : oracle ? Selector.Verdict.SELECTED : Selector.Verdict.NOT_SELECTED)) {
                tally.differ(term, id + ": the evaluator says " + verdict + ", the oracle " + oracle);
            }
        }
        tally.count(term, prefilter, rows.size());
        Set<String> found = prefilter.exact()
                ? rows
                : rows.stream()
                        .filter(id -> selector.matches(Objects.requireNonNull(assets.get(id)), NOW))
                        .collect(Collectors.toSet());
        if (!found.equals(expected)) {
            tally.differ(term, "found " + found + ", expected " + expected + " by " + prefilter.condition());
        }
        selector.undecided(NOW).ifPresent(condition -> {
            tally.undecidedBySql++;
            if (!new HashSet<>(ids(condition)).equals(undecided)) {
                tally.differ(term, "undecided by SQL " + ids(condition) + ", expected " + undecided);
            }
        });
    }

    private static List<String> ids(SqlCondition condition) {
        return jdbc.query(
                "select id from asset where " + condition.sql(),
                (row, index) -> row.getString(1),
                condition.parameters().toArray());
    }

    private static void insert(Asset asset) {
        jdbc.update(
                """
                insert into asset (id, type, labels, owner, region, site, hardware, lifecycle, presence, presence_since,
                                   last_seen, certificate_expires, software, drift, created, updated, resource_version)
                values (?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz, ?::jsonb, ?, ?, ?, ?)
                """,
                asset.id().value(),
                asset.type(),
                JsonMapper.shared().writeValueAsString(asset.labels()),
                asset.owner(),
                asset.region(),
                asset.site(),
                asset.hardware(),
                asset.lifecycle().wire(),
                asset.presence().wire(),
                time(asset.presenceSince()),
                time(asset.lastSeen()),
                time(asset.certificateExpires()),
                JsonMapper.shared().writeValueAsString(asset.software()),
                asset.drift(),
                time(asset.created()),
                time(asset.updated()),
                asset.resourceVersion());
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    /** What was generated and what came of it. */
    private static final class Tally {
        private final Map<String, Integer> operators = new TreeMap<>();
        private final Map<String, Integer> verdicts = new TreeMap<>();
        private final List<String> differences = new ArrayList<>();
        private int expressions;
        private int exact;
        private int partly;
        private int undecidedBySql;
        private long kept;

        void count(Term term, Prefilter prefilter, int rows) {
            expressions++;
            kept += rows;
            term.operators().forEach(operator -> operators.merge(operator, 1, Integer::sum));
            if (prefilter.exact()) {
                exact++;
            } else if (!prefilter.condition().equals(SqlCondition.TRUE)) {
                partly++;
            }
        }

        void verdict(@Nullable Boolean oracle) {
            verdicts.merge(oracle == null ? "undecided" : oracle ? "selected" : "not selected", 1, Integer::sum);
        }

        void differ(Term term, String how) {
            if (differences.size() < 5) {
                differences.add("seed " + SEED + ": " + term.cel() + ": " + how);
            }
        }

        private static String shown(Map<String, Integer> counts) {
            return counts.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue())
                    .collect(Collectors.joining(" · "));
        }

        @Override
        public String toString() {
            return """
                    selectors: seed %d, %d expressions over %d assets
                      fully in SQL %d, partly %d, not at all %d; undecided told by SQL %d; rows kept by SQL %d of %d
                      verdicts %s
                      operators %s""".formatted(
                            SEED,
                            expressions,
                            ASSETS,
                            exact,
                            partly,
                            expressions - exact - partly,
                            undecidedBySql,
                            kept,
                            (long) expressions * ASSETS,
                            shown(verdicts),
                            shown(operators));
        }
    }
}
