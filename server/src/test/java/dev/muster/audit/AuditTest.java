package dev.muster.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The audit trail on a real database. */
class AuditTest {
    private static final Actor ALICE = new Actor("alice", ActorKind.TOKEN, Role.OPERATOR, Scope.ALL);
    private static final Actor BOB = new Actor("bob", ActorKind.TOKEN, Role.OPERATOR, new Scope("even"));
    private static final AuditQuery EVERYTHING = AuditQuery.of(null, null, null, null, null);

    private final DataSource database = TestDatabase.fresh();
    private final JdbcClient jdbc = JdbcClient.create(database);
    private final TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(database));
    private final MovedClock clock = new MovedClock();
    private final AuditLog log = new AuditLog(jdbc, clock);
    private final AuditTrail trail = new AuditTrail(jdbc, new EvenAssets());

    private record Thing(String colour, int size) {}

    @Test
    void tellsWhoChangedWhatWhenFromWhatToWhat() {
        record(ALICE, "asset.update", "asset", "pos-1", new Thing("red", 1), new Thing("blue", 1));

        AuditEntry entry = only();
        assertThat(entry.at()).isEqualTo(clock.instant());
        assertThat(List.of(entry.actor(), entry.actorKind(), entry.action(), entry.objectKind(), entry.objectName()))
                .containsExactly("alice", "token", "asset.update", "asset", "pos-1");
        assertThat(entry.before()).hasToString("{\"size\":1,\"colour\":\"red\"}");
        assertThat(entry.after()).hasToString("{\"size\":1,\"colour\":\"blue\"}");
    }

    @Test
    void aRolledBackChangeLeavesNeitherChangeNorEntry() {
        jdbc.sql("create table thing (name text)").update();

        transactions.executeWithoutResult(status -> {
            jdbc.sql("insert into thing values ('pos-1')").update();
            log.record(ALICE, "thing.create", "thing", "pos-1", null, Map.of("name", "pos-1"));
            status.setRollbackOnly();
        });

        assertThat(count("thing")).isZero();
        assertThat(count("audit_entry")).isZero();
    }

    @Test
    void aChangeWhoseEntryCannotBeWrittenIsNotMade() {
        jdbc.sql("create table thing (name text)").update();
        jdbc.sql("alter table audit_entry add constraint broken check (object_name <> 'pos-1')")
                .update();

        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> transactions.executeWithoutResult(status -> {
                    jdbc.sql("insert into thing values ('pos-1')").update();
                    log.record(ALICE, "thing.create", "thing", "pos-1", null, null);
                }));

        assertThat(count("thing")).isZero();
        assertThat(count("audit_entry")).isZero();
    }

    @Test
    void writesNothingOutsideOfTheTransactionOfAChange() {
        assertThatIllegalStateException()
                .isThrownBy(() -> log.record(ALICE, "thing.create", "thing", "pos-1", null, null))
                .withMessageContaining("must be written in the transaction of the change");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update audit_entry set actor = 'mallory'",
                "delete from audit_entry",
                "truncate audit_entry",
                "insert into audit_entry overriding system value select * from audit_entry on conflict (id) do update set actor = 'mallory'"
            })
    void theDatabaseRefusesToChangeTheTrail(String sql) {
        record(ALICE, "asset.create", "asset", "pos-1", null, null);

        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> jdbc.sql(sql).update())
                .withStackTraceContaining("audit entries are never changed or deleted");
        assertThat(only().actor()).isEqualTo("alice");
    }

    @Test
    void secretsAreMaskedWhereverTheyStand() {
        String token = "muster_" + "a".repeat(43);
        record(
                ALICE,
                "thing.create",
                "thing",
                "t",
                null,
                Map.of(
                        "password",
                        "hunter2",
                        "nested",
                        List.of(Map.of("privateKey", "abc", "ok", "seen")),
                        "note",
                        "use " + token,
                        "pem",
                        "-----BEGIN EC PRIVATE KEY-----\nMHc…"));

        assertThat(String.valueOf(only().after()))
                .doesNotContain("hunter2", "abc", token, "MHc")
                .contains("seen", "***");
    }

    @Test
    void anObjectTooLargeToKeepIsSaidToBe() {
        record(ALICE, "thing.create", "thing", "t", null, Map.of("text", "x".repeat(AuditedState.MAX_CHARS)));

        assertThat(String.valueOf(only().after())).contains("omitted", "larger than 65536 characters");
    }

    @Test
    void findsByActorObjectActionAndTime() {
        record(ALICE, "asset.create", "asset", "pos-1", null, null);
        clock.advance(Duration.ofMinutes(1));
        Instant second = clock.instant();
        record(BOB, "asset.update", "asset", "pos-1", null, null);
        clock.advance(Duration.ofMinutes(1));
        Instant third = clock.instant();
        record(ALICE, "group.update", "group", "pos-1", null, null);

        assertThat(actions(AuditQuery.of("alice", null, null, null, null)))
                .containsExactly("group.update", "asset.create");
        assertThat(actions(AuditQuery.of(null, "asset/pos-1", null, null, null)))
                .containsExactly("asset.update", "asset.create");
        assertThat(actions(AuditQuery.of(null, "group", null, null, null))).containsExactly("group.update");
        assertThat(actions(AuditQuery.of(null, null, "asset.create", null, null)))
                .containsExactly("asset.create");
        assertThat(actions(AuditQuery.of(null, null, null, second, third))).containsExactly("asset.update");
        assertThatExceptionOfType(Refusal.class).isThrownBy(() -> AuditQuery.of(null, null, null, third, second));
    }

    @Test
    void pagesHoldEveryEntryOnceNewestFirstAlsoOfTheSameInstant() {
        for (int i = 0; i < 25; i++) {
            record(ALICE, "asset.create", "asset", "pos-" + i, null, null);
            if (i % 5 == 0) {
                clock.advance(Duration.ofSeconds(1));
            }
        }
        assertThat(names(ALICE, 4))
                .hasSize(25)
                .startsWith("pos-24", "pos-23")
                .endsWith("pos-0")
                .doesNotHaveDuplicates();
    }

    @Test
    void whoIsScopedSeesTheirOwnActionsAndThoseOnTheirAssets() {
        record(ALICE, "asset.update", "asset", "a-1", null, null);
        record(ALICE, "asset.update", "asset", "a-2", null, null);
        record(ALICE, "token.create", "token", "a-4", null, null);
        record(BOB, "asset.update", "asset", "a-3", null, null);
        // Another principal of the same name is somebody else.
        record(new Actor("bob", ActorKind.ASSET, Role.VIEWER, Scope.ALL), "asset.update", "asset", "a-5", null, null);

        assertThat(names(BOB, 100)).containsExactly("a-3", "a-2");
    }

    @Test
    void aPageOfANarrowerScopeLooksAtABoundedNumberAndLeadsOn() {
        jdbc.sql("""
                        insert into audit_entry (at, actor, actor_kind, action, object_kind, object_name)
                        select now() - n * interval '1 second', 'alice', 'token', 'asset.update', 'asset',
                               'a-' || case when n = 6001 then 2 else 1 end
                        from generate_series(1, 6002) n""").update();

        Page<AuditEntry> first = trail.find(BOB, EVERYTHING, PageRequest.FIRST);
        assertThat(first.items()).isEmpty();
        assertThat(first.next()).isNotNull();
        assertThat(names(BOB, 1)).containsExactly("a-2");
        assertThat(names(BOB, 100)).containsExactly("a-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eA", "MTI6eA", "Og", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6MQ", "!!"})
    void aForeignPageTokenIsRefused(String token) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> trail.find(ALICE, EVERYTHING, new PageRequest(1, token)))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    void isExportedAsLinesOfJsonAndAsCellsThatNoSpreadsheetRuns() throws IOException {
        record(ALICE, "asset.create", "asset", "=pos", null, Map.of("colour", "red, \"dark\""));

        assertThat(exported("jsonl", ALICE)).contains("\"objectName\":\"=pos\"").endsWith("}\n");
        assertThat(exported("csv", ALICE).lines().skip(1))
                .containsExactly(
                        clock.instant()
                                + ",alice,token,asset.create,asset,'=pos,,\"{\"\"colour\"\":\"\"red, \\\"\"dark\\\"\"\"\"}\",,");
        assertThat(exported("jsonl", BOB)).isEmpty();
    }

    private String exported(String format, Actor actor) throws IOException {
        StringWriter out = new StringWriter();
        AuditExport.of(format).write(trail, actor, EVERYTHING, out);
        return out.toString();
    }

    private void record(
            Actor actor, String action, String kind, String name, @Nullable Object before, @Nullable Object after) {
        transactions.executeWithoutResult(status -> log.record(actor, action, kind, name, before, after));
    }

    private AuditEntry only() {
        List<AuditEntry> entries =
                trail.find(ALICE, EVERYTHING, PageRequest.FIRST).items();
        assertThat(entries).hasSize(1);
        return entries.getFirst();
    }

    private List<String> actions(AuditQuery query) {
        return trail.find(ALICE, query, PageRequest.FIRST).items().stream()
                .map(AuditEntry::action)
                .toList();
    }

    /** Of all pages. */
    private List<String> names(Actor actor, int limit) {
        List<String> names = new ArrayList<>();
        String next = null;
        do {
            Page<AuditEntry> page = trail.find(actor, EVERYTHING, new PageRequest(limit, next));
            page.items().forEach(entry -> names.add(entry.objectName()));
            next = page.next();
        } while (next != null);
        return names;
    }

    private int count(String table) {
        return jdbc.sql("select count(*) from " + table).query(Integer.class).single();
    }

    private static final class EvenAssets implements ScopeFilter {
        @Override
        public Set<AssetId> visible(Scope scope, Collection<AssetId> assets) {
            return assets.stream()
                    .filter(asset -> (asset.value().charAt(asset.value().length() - 1) - '0') % 2 == 0)
                    .collect(Collectors.toSet());
        }

        @Override
        public Optional<String> problem(String selector) {
            return Optional.empty();
        }
    }
}
