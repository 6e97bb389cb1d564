package dev.muster.alert.notify;

import dev.muster.alert.declared.Declared;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.declared.DeclaredStore;
import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.registry.document.FieldReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Who is on call, and who stands in. Table {@code alert_on_call_override}. */
@Component
public class OnCall {
    private static final int MOST = 200;
    private static final Duration LONGEST = Duration.ofDays(92);

    private final DeclaredStore declared;
    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final EventLog events;
    private final Ids ids;
    private final Clock clock;
    private final TransactionTemplate transaction;

    OnCall(
            DeclaredStore declared,
            JdbcClient jdbc,
            AuditLog audit,
            EventLog events,
            Ids ids,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.declared = declared;
        this.jdbc = jdbc;
        this.audit = audit;
        this.events = events;
        this.ids = ids;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param person empty when nobody is @param until when that changes, as far as a week is looked ahead */
    public record Duty(String schedule, String person, Instant at, List<Standing> overrides) {}

    public record Standing(String id, String person, Instant startsAt, Instant endsAt, String createdBy) {}

    Optional<String> person(String schedule, Instant at) {
        return declared.find(AlertKinds.SCHEDULE.wire(), schedule)
                .flatMap(found -> read(found).at(at, overrides(schedule, at)));
    }

    public Duty duty(String schedule, Instant at) {
        Declared found = declared.find(AlertKinds.SCHEDULE.wire(), schedule).orElseThrow(() -> notFound(schedule));
        List<OnCallSchedule.Override> overrides = overrides(schedule, at);
        return new Duty(
                schedule,
                read(found).at(at, overrides).orElse(""),
                at,
                overrides.stream()
                        .map(each -> new Standing(
                                each.id(), each.person(), each.startsAt(), each.endsAt(), each.createdBy()))
                        .toList());
    }

    /** Of all schedules. */
    public List<Duty> duties(Instant at) {
        return declared.page(AlertKinds.SCHEDULE.wire(), null, AlertKinds.SCHEDULE.most()).stream()
                .map(each -> duty(each.name(), at))
                .toList();
    }

    /** @param override id of the one by which somebody stands in, null without one */
    public record Shift(
            String person,
            Instant from,
            Instant to,
            @org.jspecify.annotations.Nullable String override) {}

    /** @param timeZone by whose clock its turns change */
    public record Calendar(
            String schedule, String timeZone, Instant from, Instant to, List<Shift> shifts, List<Standing> overrides) {}

    /** Who is on call over a time, as it is declared now. */
    public Calendar calendar(String schedule, Instant from, Instant to) {
        Declared found = declared.find(AlertKinds.SCHEDULE.wire(), schedule).orElseThrow(() -> notFound(schedule));
        if (!from.isBefore(to) || to.isAfter(from.plus(LONGEST))) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a calendar goes from a time to a later one, over at most " + LONGEST.toDays() + " days; found "
                            + from + " to " + to);
        }
        OnCallSchedule read = read(found);
        List<OnCallSchedule.Override> overrides = overrides(schedule, from).stream()
                .filter(each -> each.startsAt().isBefore(to))
                .toList();
        return new Calendar(
                schedule,
                read.zone().getId(),
                from,
                to,
                read.shifts(from, to, overrides).stream()
                        .map(shift -> new Shift(shift.person(), shift.from(), shift.to(), shift.override()))
                        .toList(),
                overrides.stream()
                        .map(each -> new Standing(
                                each.id(), each.person(), each.startsAt(), each.endsAt(), each.createdBy()))
                        .toList());
    }

    public Standing standIn(Actor actor, String schedule, String person, Instant from, Instant to) {
        if (declared.find(AlertKinds.SCHEDULE.wire(), schedule).isEmpty()) {
            throw notFound(schedule);
        }
        if (declared.find(AlertKinds.RECEIVER.wire(), person).isEmpty()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "there is no receiver "
                            + (DeclaredObjects.NAME.matcher(person).matches() ? person : "of that name")
                            + ": people on call are receivers");
        }
        if (!to.isAfter(from) || to.isAfter(from.plus(LONGEST)) || !to.isAfter(clock.instant())) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "somebody stands in from a time to a later one that is to come, for at most " + LONGEST.toDays()
                            + " days; found " + from + " to " + to);
        }
        String id = ids.next();
        transaction.executeWithoutResult(status -> {
            if (overrides(schedule, clock.instant()).size() >= MOST) {
                throw new Refusal(
                        ErrorCode.REFUSED, "schedule " + schedule + " has " + MOST + " overrides, which is the most");
            }
            jdbc.sql("""
                            insert into alert_on_call_override (id, schedule, person, starts_at, ends_at, created_by, created)
                            values (:id, :schedule, :person, :from, :to, :by, :now)""")
                    .param("id", id)
                    .param("schedule", schedule)
                    .param("person", person)
                    .param("from", from.atOffset(ZoneOffset.UTC))
                    .param("to", to.atOffset(ZoneOffset.UTC))
                    .param("by", actor.id())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            Map<String, Object> said = Map.of("person", person, "from", from, "to", to);
            audit.record(actor, "on-call.override", "on-call schedule", schedule, null, said);
            events.append("on-call.overridden", "on-call/" + schedule, said);
        });
        return new Standing(id, person, from, to, actor.id());
    }

    public void end(Actor actor, String schedule, String id) {
        transaction.executeWithoutResult(status -> {
            int deleted = jdbc.sql("delete from alert_on_call_override where id = :id and schedule = :schedule")
                    .param("id", id)
                    .param("schedule", schedule)
                    .update();
            if (deleted == 0) {
                throw new Refusal(ErrorCode.NOT_FOUND, "there is no such override of that schedule");
            }
            audit.record(actor, "on-call.override-end", "on-call schedule", schedule, Map.of("id", id), null);
        });
    }

    /** Those that are not over, the newest last. */
    private List<OnCallSchedule.Override> overrides(String schedule, Instant at) {
        return jdbc.sql("select * from alert_on_call_override where schedule = :schedule and ends_at > :at order by id")
                .param("schedule", schedule)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .query((row, _) -> new OnCallSchedule.Override(
                        row.getString("id"),
                        row.getString("schedule"),
                        row.getString("person"),
                        row.getObject("starts_at", OffsetDateTime.class).toInstant(),
                        row.getObject("ends_at", OffsetDateTime.class).toInstant(),
                        row.getString("created_by")))
                .list();
    }

    private static OnCallSchedule read(Declared found) {
        return OnCallSchedule.read(found.name(), FieldReader.of("spec", found.spec(), new ArrayList<>()));
    }

    private static Refusal notFound(String schedule) {
        return new Refusal(
                ErrorCode.NOT_FOUND,
                "there is no on-call schedule "
                        + (DeclaredObjects.NAME.matcher(schedule).matches() ? schedule : "of that name"));
    }
}
