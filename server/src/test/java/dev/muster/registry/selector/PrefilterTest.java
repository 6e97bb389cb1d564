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
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Thousands of selectors over assets in a real PostgreSQL: SQL and evaluator together say what a hand-written oracle says. */
class PrefilterTest {
    private static final long SEED = Long.getLong("muster.seed", 20261123L);
    private static final int EXPRESSIONS = Integer.getInteger("muster.expressions", 4_000);
    private static final int ASSETS = 75;
    /** Conditions asked in one statement: round trips cost more than what they ask. */
    private static final int ASKED_AT_ONCE = 200;

    private static final int EXPRESSIONS_OF_A_BUG = 1_000;
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
        Tally tally = run(SqlTranslator::new, EXPRESSIONS, false);

        System.out.println(tally);
        assertThat(tally.differences).isEmpty();
        assertThat(tally.operators.keySet()).containsAll(EXPECTED);
        assertThat(tally.exact).isGreaterThan(EXPRESSIONS / 4);
        assertThat(tally.partly).isGreaterThan(EXPRESSIONS / 20);
        assertThat(tally.verdicts.keySet()).containsExactlyInAnyOrder("selected", "not selected", "undecided");
    }

    @Test
    void findsAMembershipThatForgetsAbsentLabels() {
        assertIsFound(constants -> new SqlTranslator(constants) {
            @Override
            Rows memberOf(Operand field, List<?> values, boolean wanted) {
                Operand careless = new Operand(field.sql(), field.kind(), false, field.entry());
                return super.memberOf(careless, values, wanted);
            }
        });
    }

    @Test
    void findsAComparisonThatIsTooNarrow() {
        assertIsFound(constants -> new SqlTranslator(constants) {
            @Override
            Rows comparedTo(Operand field, String operator, Object value) {
                return super.comparedTo(field, operator.equals(">=") ? ">" : operator, value);
            }
        });
    }

    @Test
    void findsATextFunctionThatTakesPatterns() {
        assertIsFound(constants -> new SqlTranslator(constants) {
            @Override
            Rows textFunction(Operand field, String function, String text, boolean wanted) {
                List<Object> parameters = new ArrayList<>(field.sql().parameters());
                parameters.add(text + "%");
                return function.equals("startsWith")
                        ? Rows.exactly(new SqlCondition(
                                "(" + field.sql().sql() + (wanted ? "" : " not") + " like ?)", parameters))
                        : super.textFunction(field, function, text, wanted);
            }
        });
    }

    private static void assertIsFound(Function<Constants, SqlTranslator> bug) {
        Tally tally = run(bug, EXPRESSIONS_OF_A_BUG, true);
        System.out.println("the planted bug is found within " + tally.expressions + " expressions");
        assertThat(tally.differences).isNotEmpty();
    }

    /** @param once whether the first difference is enough */
    private static Tally run(Function<Constants, SqlTranslator> translators, int expressions, boolean once) {
        Selectors selectors = new Selectors(new SimpleMeterRegistry(), translators);
        TermGenerator generator = new TermGenerator(new Random(SEED + 1));
        Tally tally = new Tally();
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < expressions && !(once && !tally.differences.isEmpty()); i++) {
            Term term = generator.term(i % 5);
            Selector selector = selectors.compile(term.cel());
            asked.add(new Asked(term, selector, selector.prefilter(NOW), selector.undecided(NOW)));
            if (asked.size() * 2 == ASKED_AT_ONCE || i == expressions - 1) {
                check(asked, tally);
                asked.clear();
            }
        }
        return tally;
    }

    private record Asked(Term term, Selector selector, Prefilter prefilter, Optional<SqlCondition> undecided) {}

    private static void check(List<Asked> asked, Tally tally) {
        List<SqlCondition> conditions = new ArrayList<>();
        asked.forEach(each -> {
            conditions.add(each.prefilter().condition());
            conditions.add(each.undecided().orElse(SqlCondition.TRUE));
        });
        List<Set<String>> ids = ids(conditions);
        for (int i = 0; i < asked.size(); i++) {
            check(asked.get(i), ids.get(2 * i), ids.get(2 * i + 1), tally);
        }
    }

    private static void check(Asked asked, Set<String> rows, Set<String> undecidedRows, Tally tally) {
        Term term = asked.term();
        Selector selector = asked.selector();
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
        tally.count(term, asked.prefilter(), rows.size());
        Set<String> found = asked.prefilter().exact()
                ? rows
                : rows.stream()
                        .filter(id -> selector.matches(Objects.requireNonNull(assets.get(id)), NOW))
                        .collect(Collectors.toSet());
        if (!found.equals(expected)) {
            tally.differ(
                    term,
                    "found " + found + ", expected " + expected + " by "
                            + asked.prefilter().condition());
        }
        if (asked.undecided().isPresent()) {
            tally.undecidedBySql++;
            if (!undecidedRows.equals(undecided)) {
                tally.differ(term, "undecided by SQL " + undecidedRows + ", expected " + undecided);
            }
        }
    }

    /** Whom each of the conditions selects; asked one by one when the whole fails, so that the one at fault is named. */
    private static List<Set<String>> ids(List<SqlCondition> conditions) {
        try {
            return idsAtOnce(conditions);
        } catch (DataAccessException failed) {
            if (conditions.size() == 1) {
                throw failed;
            }
            return conditions.stream()
                    .map(condition -> ids(List.of(condition)).getFirst())
                    .toList();
        }
    }

    private static List<Set<String>> idsAtOnce(List<SqlCondition> conditions) {
        List<String> parts = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        List<Set<String>> found = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            parts.add(
                    "select " + i + ", id from asset where " + conditions.get(i).sql());
            parameters.addAll(conditions.get(i).parameters());
            found.add(new HashSet<>());
        }
        jdbc.query(
                String.join(" union all ", parts),
                row -> {
                    found.get(row.getInt(1)).add(row.getString(2));
                },
                parameters.toArray());
        return found;
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
