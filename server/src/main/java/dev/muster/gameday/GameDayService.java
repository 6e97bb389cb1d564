package dev.muster.gameday;

import dev.muster.alert.incident.IncidentService;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetStore;
import dev.muster.rollout.RolloutControl;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Game days: allowed only for assets that are there to be broken, kept with whom they hit, and reported on. */
@Component
class GameDayService {
    static final int MAX_ASSETS = 1_000;
    static final int MAX_FAULTS = 20;
    private static final String KIND = "gameday";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final AssetDirectory directory;
    private final AssetStore assets;
    private final RolloutControl rollouts;
    private final IncidentService incidents;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    GameDayService(
            JdbcClient jdbc,
            AssetDirectory directory,
            AssetStore assets,
            RolloutControl rollouts,
            IncidentService incidents,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.directory = directory;
        this.assets = assets;
        this.rollouts = rollouts;
        this.incidents = incidents;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param endedAt null while it is on */
    record GameDay(
            String id,
            String name,
            List<Fault> faults,
            Instant startedAt,
            String startedBy,
            @Nullable Instant endedAt) {}

    /** @throws Refusal when a fault would hit an asset that is neither simulated nor marked */
    GameDay start(Actor actor, String name, List<Fault> wanted) {
        if (wanted.isEmpty() || wanted.size() > MAX_FAULTS || name.isBlank() || name.length() > 100) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a game day has a name of 1 to 100 characters and 1 to " + MAX_FAULTS + " faults");
        }
        List<Fault> faults = wanted.stream().map(fault -> aimed(actor, fault)).toList();
        return Objects.requireNonNull(transaction.execute(status -> {
            GameDay fresh = new GameDay(
                    ids.next(), name, faults, clock.instant().truncatedTo(ChronoUnit.MILLIS), actor.toString(), null);
            jdbc.sql("""
                            insert into gameday (id, name, plan, started_at, started_by)
                            values (:id, :name, :plan::json, :at, :by)
                            """)
                    .param("id", fresh.id())
                    .param("name", name)
                    .param("plan", JSON.writeValueAsString(faults))
                    .param("at", utc(fresh.startedAt()))
                    .param("by", fresh.startedBy())
                    .update();
            audit.record(actor, "gameday.start", KIND, fresh.id(), null, summary(fresh));
            events.append("gameday.started", KIND + "/" + fresh.id(), summary(fresh));
            return fresh;
        }));
    }

    private Fault aimed(Actor actor, Fault fault) {
        if (!Fault.KINDS.contains(fault.kind())) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a fault is one of " + Fault.KINDS + ", found \""
                            + fault.kind().replaceAll("[^\\x20-\\x7e]", "?")
                            + "\"; what no simulator can do is not pretended");
        }
        if (fault.by() != null && !fault.by().matches("-?\\d{1,6}(ms|s|m|h|d)")) {
            throw new Refusal(ErrorCode.INVALID, "by must be a time such as 3h or -20m");
        }
        String selector = fault.kind().equals("rollout")
                ? rollouts.selector(Optional.ofNullable(fault.rollout()).orElse(""))
                        .orElseThrow(() ->
                                new Refusal(ErrorCode.NOT_FOUND, "there is no rollout of the name in \"rollout\""))
                : fault.selector();
        if (selector == null || selector.isBlank()) {
            throw new Refusal(ErrorCode.INVALID, "the fault " + fault.kind() + " needs a selector of whom it hits");
        }
        List<AssetId> hit = directory.ids(actor, selector, MAX_ASSETS);
        List<String> unmarked = assets.findAll(hit).stream()
                .filter(asset -> !isMarked(asset))
                .map(asset -> asset.id().value())
                .sorted()
                .toList();
        if (!unmarked.isEmpty()) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "the fault " + fault.kind() + " would hit " + unmarked.size()
                            + " assets that are neither simulated nor marked, among them "
                            + unmarked.stream().limit(3).toList()
                            + "; narrow the selector, or give them the label gameday: \"true\"");
        }
        if (hit.isEmpty()) {
            throw new Refusal(ErrorCode.REFUSED, "the fault " + fault.kind() + " would hit nobody: " + selector);
        }
        return new Fault(
                fault.kind(),
                selector,
                fault.by(),
                fault.rollout(),
                fault.afterSeconds(),
                fault.forSeconds(),
                hit.stream().map(AssetId::value).toList());
    }

    private static boolean isMarked(Asset asset) {
        return asset.labels().getOrDefault("simulated", "").equals("true")
                || asset.labels().getOrDefault("gameday", "").equals("true");
    }

    GameDay end(Actor actor, String id) {
        return Objects.requireNonNull(transaction.execute(status -> {
            GameDay is = require(id);
            if (is.endedAt() == null) {
                jdbc.sql("update gameday set ended_at = :at where id = :id and ended_at is null")
                        .param("at", utc(clock.instant().truncatedTo(ChronoUnit.MILLIS)))
                        .param("id", id)
                        .update();
                audit.record(actor, "gameday.end", KIND, id, summary(is), null);
                events.append("gameday.ended", KIND + "/" + id, summary(is));
            }
            return require(id);
        }));
    }

    /** The newest first. @param below the id of the last one of the page before, null for the first page */
    List<GameDay> page(@Nullable String below, int limit) {
        return jdbc.sql("""
                        select id, name, plan, started_at, started_by, ended_at from gameday
                        where id < :below order by id desc limit :limit
                        """)
                .param("below", below == null ? "~" : below)
                .param("limit", limit)
                .query(GameDayService::read)
                .list();
    }

    private static GameDay read(ResultSet row, int number) throws SQLException {
        OffsetDateTime ended = row.getObject("ended_at", OffsetDateTime.class);
        return new GameDay(
                row.getString("id"),
                row.getString("name"),
                JSON.readValue(row.getString("plan"), new TypeReference<List<Fault>>() {}),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                row.getString("started_by"),
                ended == null ? null : ended.toInstant());
    }

    GameDay require(String id) {
        return jdbc.sql("select id, name, plan, started_at, started_by, ended_at from gameday where id = :id")
                .param("id", id)
                .query(GameDayService::read)
                .optional()
                .orElseThrow(() -> new Refusal(ErrorCode.NOT_FOUND, "there is no game day of that id"));
    }

    GameDayReport report(GameDay is) {
        return GameDayReport.of(
                is.name(),
                is.startedAt(),
                is.endedAt(),
                is.faults(),
                new ArrayList<>(incidents.detectedBetween(
                        is.startedAt(), is.endedAt() == null ? clock.instant() : is.endedAt())));
    }

    private static Map<String, Object> summary(GameDay is) {
        return Map.of(
                "name",
                is.name(),
                "faults",
                is.faults().stream()
                        .map(fault -> Map.of(
                                "kind", fault.kind(), "assets", fault.assets().size()))
                        .toList());
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
