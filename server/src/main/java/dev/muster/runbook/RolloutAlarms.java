package dev.muster.runbook;

import dev.muster.alert.Signal;
import dev.muster.alert.Signals;
import dev.muster.platform.event.LoggedEvent;
import dev.muster.registry.Presence;
import dev.muster.rollout.RolloutControl;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says what went wrong with rollouts as everything says it that finds something wrong: a gate that failed is a page, {@code
 * RolloutReverting} when the rollout goes back by itself and {@code RolloutFailing} when not, until the rollout has ended or goes on; an asset that may not boot any more is a ticket, {@code BrickedSuspect}, until it
 * is heard of.
 */
@Component
class RolloutAlarms {
    static final String FAILING = "RolloutFailing";
    static final String REVERTING = "RolloutReverting";
    private static final String SOURCE = "rollouts";
    private static final Set<String> OVER =
            Set.of("rollout.rolled_back", "rollout.aborted", "rollout.completed", "rollout.resumed", "rollout.retried");
    private static final int MAX_BRICKED = 10_000;
    private static final int BACK_AT_ONCE = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final ObjectProvider<Signals> signals;
    private final RolloutControl rollouts;

    RolloutAlarms(JdbcClient jdbc, ObjectProvider<Signals> signals, RolloutControl rollouts) {
        this.jdbc = jdbc;
        this.signals = signals;
        this.rollouts = rollouts;
    }

    /** In the transaction in which the event is read. */
    void take(LoggedEvent event) {
        String rollout = event.data().path("name").asString("");
        if (event.type().equals("rollout.gate_fail") || OVER.contains(event.type())) {
            failing(
                            event,
                            rollout,
                            rollouts.change(rollout).orElse(""),
                            rollouts.phase(rollout).orElse(""))
                    .forEach(this::say);
        } else if (event.type().equals("asset.bricked_suspected")) {
            Signal bricked = bricked(event);
            int known = jdbc.sql("select count(*) from bricked_alarm")
                    .query(Integer.class)
                    .single();
            if (known < MAX_BRICKED) {
                jdbc.sql("""
                                insert into bricked_alarm (asset, labels, since) values (:asset, :labels::jsonb, :since)
                                on conflict (asset) do update set labels = excluded.labels, since = excluded.since
                                """)
                        .param("asset", bricked.labels().get(Signal.ASSET))
                        .param("labels", JSON.writeValueAsString(bricked.labels()))
                        .param("since", utc(event.at()))
                        .update();
                say(bricked);
            }
        }
    }

    /**
     * Of one that goes back by itself another alert than of one that stands still until a person decides: only the first may be closed
     * by a runbook.
     *
     * @param phase in which the rollout is
     * @return none when nothing is known of what the rollout brings; at its end that of both
     */
    static List<Signal> failing(LoggedEvent event, String rollout, String change, String phase) {
        if (rollout.isEmpty() || change.isEmpty()) {
            return List.of();
        }
        String what = "rollout " + rollout + " of " + change;
        if (OVER.contains(event.type())) {
            String summary = what + " is " + event.type().substring(8);
            return Stream.of(FAILING, REVERTING)
                    .map(name -> signal(name, rollout, change, summary, event.at(), Optional.of(event.at())))
                    .toList();
        }
        boolean reverts = phase.equals("rolling_back") || phase.equals("rolled_back");
        String summary = what + " fails its gate" + (reverts ? " and goes back: " : ": ")
                + event.data().path("reason").asString("");
        return List.of(signal(reverts ? REVERTING : FAILING, rollout, change, summary, event.at(), Optional.empty()));
    }

    private static Signal signal(
            String name, String rollout, String change, String summary, Instant at, Optional<Instant> end) {
        SortedMap<String, String> labels = new TreeMap<>();
        labels.put(Signal.NAME, name);
        labels.put(Signal.SEVERITY, "page");
        labels.put(Signal.ROLLOUT, rollout);
        labels.put(Signal.RELEASE, change);
        return new Signal(labels, Map.of("summary", summary), at, end, "/api/v1/rollouts/" + rollout);
    }

    static Signal bricked(LoggedEvent event) {
        SortedMap<String, String> labels = new TreeMap<>();
        labels.put(Signal.NAME, "BrickedSuspect");
        labels.put(Signal.SEVERITY, "ticket");
        labels.put(Signal.ASSET, event.data().path("asset").asString(""));
        labels.put(Signal.ROLLOUT, event.data().path("rollout").asString(""));
        labels.put(
                Signal.RELEASE,
                event.data().path("component").asString("") + "@"
                        + event.data().path("version").asString(""));
        return new Signal(
                labels,
                Map.of(
                        "summary",
                        labels.get(Signal.ASSET) + " was not heard of since it got " + labels.get(Signal.RELEASE)),
                event.at(),
                Optional.empty(),
                "/api/v1/rollouts/" + labels.get(Signal.ROLLOUT) + "/targets/" + labels.get(Signal.ASSET));
    }

    private record Known(String asset, SortedMap<String, String> labels, Instant since) {}

    /** Ends what is said of assets that gave a sign of life since, and of those that are no more. */
    void heardAgain(Instant now) {
        List<Known> known = jdbc.sql("""
                        delete from bricked_alarm alarm where asset in (
                            select b.asset from bricked_alarm b left join asset a on a.id = b.asset
                            where a.id is null or (a.presence = :online and a.last_seen > b.since) limit :limit)
                        returning asset, labels, since""")
                .param("online", Presence.ONLINE.wire())
                .param("limit", BACK_AT_ONCE)
                .query((row, _) -> new Known(
                        row.getString("asset"),
                        JSON.readValue(row.getString("labels"), new TypeReference<TreeMap<String, String>>() {}),
                        row.getObject("since", OffsetDateTime.class).toInstant()))
                .list();
        List<Signal> over = known.stream()
                .map(each -> new Signal(
                        each.labels(),
                        Map.of("summary", each.asset() + " is heard of again"),
                        each.since(),
                        Optional.of(now),
                        "/api/v1/assets/" + each.asset()))
                .toList();
        say(over);
    }

    private void say(Signal signal) {
        say(List.of(signal));
    }

    void say(List<Signal> some) {
        signals.ifAvailable(taker -> taker.take(SOURCE, some));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
