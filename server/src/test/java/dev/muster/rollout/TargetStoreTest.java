package dev.muster.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import dev.muster.rollout.engine.Claim;
import dev.muster.rollout.engine.Decided.Move;
import dev.muster.rollout.engine.Reason;
import dev.muster.rollout.engine.Rival;
import dev.muster.rollout.engine.Stage;
import dev.muster.rollout.engine.Target;
import dev.muster.rollout.engine.Wanted;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Whatever the fleet's size and however far a rollout is, one look at its targets reads no more rows than it gives. */
class TargetStoreTest {
    private static final int TARGETS = 40_000;
    private static final int DONE = 30_000;
    private static final int WITH_REASON = 5;
    private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");

    private static final DataSource DATABASE = TestDatabase.fresh();
    private static final JdbcTemplate TEMPLATE = new JdbcTemplate(DATABASE);
    private static final TransactionTemplate TRANSACTION =
            new TransactionTemplate(new JdbcTransactionManager(DATABASE));
    private static final TargetStore STORE = new TargetStore(TEMPLATE);
    private static final ClaimStore CLAIMS = new ClaimStore(TEMPLATE);
    private static final TargetOutcomes OUTCOMES = new TargetOutcomes(TEMPLATE);

    /** As in the middle of a rollout: the statistics are those of its start. */
    @BeforeAll
    static void fill() {
        TEMPLATE.update("alter table rollout_target set (autovacuum_enabled = false)");
        TEMPLATE.update("""
                insert into rollout_target (rollout, ord, wave, stage, since, asset, component)
                select 1, n, 0, 0, now(), 'asset-' || n, 'app' from generate_series(0, ?) n""", TARGETS - 1);
        TEMPLATE.execute("vacuum analyze rollout_target");
        TEMPLATE.update("update rollout_target set stage = ? where ord < ?", Stage.SUCCEEDED.code(), DONE);
        TEMPLATE.update(
                "update rollout_target set stage = ?, reason = ? where ord between ? and ?",
                Stage.FAILED.code(),
                Reason.TIMED_OUT.code(),
                DONE / 2,
                DONE / 2 + WITH_REASON - 1);
        TEMPLATE.execute("vacuum rollout_target");
    }

    @Test
    void theNextOnesForOrdersAreFoundPastThoseThatAreDone() {
        assertThat(ords(reading(100, () -> STORE.wanted(1, new Wanted(Set.of(Stage.PENDING), TARGETS, 100)))))
                .isEqualTo(IntStream.range(DONE, DONE + 100).boxed().toList());
    }

    @Test
    void targetsBeyondTheOpenWavesAreNotRead() {
        assertThat(reading(0, () -> STORE.wanted(1, new Wanted(Set.of(Stage.PENDING), DONE, 100))))
                .isEmpty();
    }

    @Test
    void aPageOfAStageIsFoundWhereverItsTargetsAre() {
        assertThat(ords(reading(100, () -> STORE.page(1, Stage.PENDING, null, -1, TARGETS, 100))))
                .isEqualTo(IntStream.range(DONE, DONE + 100).boxed().toList());
        assertThat(reading(0, () -> STORE.page(1, Stage.UNREACHABLE, null, -1, TARGETS, 100)))
                .isEmpty();
    }

    @Test
    void aPageByReasonIsFoundWhereverItsTargetsAre() {
        List<Integer> failed =
                IntStream.range(DONE / 2, DONE / 2 + WITH_REASON).boxed().toList();
        assertThat(ords(reading(WITH_REASON, () -> STORE.page(1, null, Reason.TIMED_OUT, -1, TARGETS, 100))))
                .isEqualTo(failed);
        assertThat(ords(reading(WITH_REASON, () -> STORE.page(1, Stage.FAILED, Reason.TIMED_OUT, -1, TARGETS, 100))))
                .isEqualTo(failed);
        assertThat(reading(0, () -> STORE.page(1, null, Reason.WRONG_VERSION, -1, TARGETS, 100)))
                .isEmpty();
    }

    @Test
    void aPageEndsWhereItsWaveEnds() {
        assertThat(ords(reading(3, () -> STORE.page(1, null, null, 99, 103, 100))))
                .containsExactly(100, 101, 102);
    }

    @Test
    void whoAPersonWantsOnceMoreHasItsRetriesAgain() {
        TEMPLATE.update("""
                insert into rollout_target (rollout, ord, wave, stage, reason, retries, since, asset, component)
                values (2, 0, 0, ?, ?, 3, now(), 'tried', 'app')""", Stage.FAILED.code(), Reason.TIMED_OUT.code());
        STORE.move(2, new Move(Set.of(Stage.FAILED), Stage.PENDING, Reason.RETRY, Set.of()));
        assertThat(STORE.at(2, List.of(0)))
                .extracting(Target::stage, Target::reason, Target::retries)
                .containsExactly(tuple(Stage.PENDING, Reason.RETRY, 0));
    }

    @Test
    void whoElseWantsOrChangesAssetsIsFoundByThoseAssetsAlone() {
        List<AssetId> asked = IntStream.range(DONE - 50, DONE + 50)
                .mapToObj(n -> new AssetId("asset-" + n))
                .toList();
        Rival rival = new Rival(1, "first", "app", 0, NOW, true, 0);
        assertThat(reading(2 * asked.size(), () -> CLAIMS.untouched(List.of(rival), asked)))
                .isEqualTo(IntStream.range(DONE, DONE + 50)
                        .boxed()
                        .collect(Collectors.toMap(
                                n -> new AssetId("asset-" + n),
                                n -> List.of(new Claim(rival, Stage.PENDING, null, 0)))));
        assertThat(reading(0, () -> CLAIMS.active(9, asked))).isEmpty();
    }

    @Test
    void oneOfTwoOrdersToOneAssetIsLetThroughAndARollbackWaitsForNeither() {
        free(11, "shared", "app");
        free(12, "shared", "os");
        STORE.save(11, List.of(at("shared", Stage.ORDERED)), Set.of(0), NOW);
        assertThatThrownBy(() -> STORE.save(12, List.of(at("shared", Stage.ORDERED)), Set.of(0), NOW))
                .isInstanceOf(DuplicateKeyException.class)
                .hasMessageContaining("rollout_target_alone");

        STORE.save(11, List.of(at("shared", Stage.SUCCEEDED)), Set.of(), NOW);
        STORE.save(12, List.of(at("shared", Stage.ORDERED)), Set.of(0), NOW);
        STORE.save(11, List.of(at("shared", Stage.ROLLING_BACK)), Set.of(0), NOW);
        assertThat(List.of(STORE.at(11, List.of(0)), STORE.at(12, List.of(0))))
                .extracting(found -> found.getFirst().stage())
                .containsExactly(Stage.ROLLING_BACK, Stage.ORDERED);
    }

    @Test
    void whoTakesNoStepKeepsTheTimeOfHisLastOneAndGetsNoEntryOfIt() {
        free(34, "steps", "app");
        Target ordered = at("steps", Stage.ORDERED);
        assertThat(STORE.save(34, List.of(ordered), Set.of(0), NOW)).containsExactly(ordered);
        Target later = new Target(
                0, ordered.asset(), 0, 0, Stage.ORDERED, null, "7%", 1, 0, "site-1", "1.0", "b-1", NOW, 10, 20);

        assertThat(STORE.save(34, List.of(later), Set.of(), NOW.plusSeconds(60)))
                .isEmpty();

        assertThat(STORE.at(34, List.of(0))).containsExactly(later);
        assertThat(OUTCOMES.steps(34, 0, 10))
                .containsExactly(new TargetOutcomes.Step(NOW, Stage.ORDERED, null, 1, null));
    }

    @Test
    void everyStageIsInTheLaneThatTheTableGeneratesForIt() {
        for (Stage stage : Stage.values()) {
            free(31, "lane-" + stage, stage.code(), stage, "app");
        }
        assertThat(TEMPLATE.queryForList("select lane from rollout_target where rollout = 31 order by ord", Long.class))
                .isEqualTo(
                        Stream.of(Stage.values()).map(stage -> stage.lane(31)).toList());
    }

    @Test
    void noIndexHearsOfTheStepsBetweenAnOrderAndItsEnd() {
        free(32, "hot", "app");
        STORE.save(32, List.of(at("hot", Stage.ORDERED)), Set.of(0), NOW);
        TRANSACTION.executeWithoutResult(status -> {
            List<Stage> between = List.of(Stage.NOTIFIED, Stage.DOWNLOADING, Stage.INSTALLED, Stage.REBOOTING);
            between.forEach(stage -> STORE.save(32, List.of(at("hot", stage)), Set.of(), NOW));
            assertThat(counted("n_tup_hot_upd")).isEqualTo(between.size());
        });
    }

    /** As a server did that knew of components only. */
    @Test
    void twoChangesOfOneAssetThatWereUnderWayBeforeMayEnd() {
        for (int rollout = 21; rollout <= 22; rollout++) {
            free(rollout, "both", "component-" + rollout);
            TEMPLATE.update("update rollout_target set stage = ? where rollout = ?", Stage.ORDERED.code(), rollout);
        }
        STORE.save(21, List.of(at("both", Stage.DOWNLOADING)), Set.of(), NOW);
        STORE.save(22, List.of(at("both", Stage.DOWNLOADING)), Set.of(), NOW);
        STORE.save(22, List.of(at("both", Stage.RETURNING)), Set.of(0), NOW);
        assertThat(STORE.at(21, List.of(0)).getFirst().stage()).isEqualTo(Stage.DOWNLOADING);
    }

    private static void free(int rollout, String asset, String component) {
        free(rollout, asset, 0, Stage.PENDING, component);
    }

    private static void free(int rollout, String asset, int ord, Stage stage, String component) {
        TEMPLATE.update("""
                insert into rollout_target (rollout, ord, wave, stage, since, asset, component)
                values (?, ?, 0, ?, now(), ?, ?)""", rollout, ord, stage.code(), asset, component);
    }

    private static Target at(String asset, Stage stage) {
        return new Target(
                0, new AssetId(asset), 0, 0, stage, null, null, 1, 0, null, "1.0", null, NOW, 0, Target.NEVER);
    }

    private static List<Integer> ords(List<Target> targets) {
        return targets.stream().map(Target::ord).toList();
    }

    /** As planned for these very values, and as a connection that asks all the time plans it once for all values. */
    private static <T> T reading(int atMost, Supplier<T> look) {
        T found = reading("force_custom_plan", atMost, look);
        assertThat(reading("force_generic_plan", atMost, look)).isEqualTo(found);
        return found;
    }

    private static <T> T reading(String mode, int atMost, Supplier<T> look) {
        return Objects.requireNonNull(TRANSACTION.execute(status -> {
            TEMPLATE.execute("set local plan_cache_mode = " + mode);
            long before = rowsRead();
            T found = look.get();
            assertThat(rowsRead() - before).as("rows read, %s", mode).isLessThanOrEqualTo(atMost);
            return found;
        }));
    }

    /** Of the table, by index or without, as PostgreSQL counts them for this connection. */
    private static long rowsRead() {
        return counted("seq_tup_read + coalesce(idx_tup_fetch, 0)");
    }

    private static long counted(String what) {
        return Objects.requireNonNull(TEMPLATE.queryForObject(
                "select " + what + " from pg_stat_xact_user_tables where relname = 'rollout_target'", Long.class));
    }
}
