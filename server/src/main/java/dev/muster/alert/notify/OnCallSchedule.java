package dev.muster.alert.notify;

import dev.muster.registry.document.FieldReader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Who is on call when: rotations of people, of whom a later one takes the place of an earlier one while it has somebody; overrides take the
 * place of all. People are receivers by name. Turns go by the clock on the wall, so that they change at the same hour all year.
 */
record OnCallSchedule(String name, ZoneId zone, List<Rotation> rotations) {

    /**
     * @param start when the first of the people begins
     * @param turn how long each stays
     * @param until from when on nobody does; null for ever
     */
    record Rotation(
            List<String> people,
            LocalDateTime start,
            Duration turn,
            @org.jspecify.annotations.Nullable LocalDateTime until) {
        Optional<String> at(LocalDateTime now) {
            if (now.isBefore(start) || until != null && !now.isBefore(until)) {
                return Optional.empty();
            }
            long turns = ChronoUnit.SECONDS.between(start, now) / turn.toSeconds();
            return Optional.of(people.get((int) (turns % people.size())));
        }
    }

    /** Somebody stands in. */
    record Override(String id, String schedule, String person, Instant startsAt, Instant endsAt, String createdBy) {
        boolean holds(Instant now) {
            return !now.isBefore(startsAt) && now.isBefore(endsAt);
        }
    }

    /** @param overrides the newest last, which wins */
    Optional<String> at(Instant now, List<Override> overrides) {
        Optional<String> standsIn = overrides.stream()
                .filter(each -> each.schedule().equals(name) && each.holds(now))
                .reduce((_, later) -> later)
                .map(Override::person);
        if (standsIn.isPresent()) {
            return standsIn;
        }
        LocalDateTime local = LocalDateTime.ofInstant(now, zone);
        return rotations.stream()
                .flatMap(rotation -> rotation.at(local).stream())
                .reduce((_, later) -> later);
    }

    /** @param override id of the one by which somebody stands in, null without one */
    record Shift(
            String person,
            Instant from,
            Instant to,
            @org.jspecify.annotations.Nullable String override) {}

    /** Who is on call from when to when, without gaps between those of one person; times in which nobody is are left out. */
    List<Shift> shifts(Instant from, Instant to, List<Override> overrides) {
        List<Shift> shifts = new ArrayList<>();
        Instant[] moments = changes(from, to, overrides).toArray(Instant[]::new);
        for (int i = 0; i + 1 < moments.length; i++) {
            Instant at = moments[i];
            Instant until = moments[i + 1];
            String override = overrides.stream()
                    .filter(each -> each.schedule().equals(name) && each.holds(at))
                    .reduce((_, later) -> later)
                    .map(Override::id)
                    .orElse(null);
            at(at, overrides).ifPresent(person -> {
                Shift last = shifts.isEmpty() ? null : shifts.getLast();
                if (last != null
                        && last.person().equals(person)
                        && last.to().equals(at)
                        && java.util.Objects.equals(last.override(), override)) {
                    shifts.set(shifts.size() - 1, new Shift(person, last.from(), until, override));
                } else {
                    shifts.add(new Shift(person, at, until, override));
                }
            });
        }
        return List.copyOf(shifts);
    }

    /** Every moment at which it may change, both ends among them. */
    private java.util.SortedSet<Instant> changes(Instant from, Instant to, List<Override> overrides) {
        java.util.SortedSet<Instant> moments = new java.util.TreeSet<>(List.of(from, to));
        for (Override each : overrides) {
            add(moments, each.startsAt(), from, to);
            add(moments, each.endsAt(), from, to);
        }
        for (Rotation rotation : rotations) {
            LocalDateTime end = LocalDateTime.ofInstant(to, zone);
            LocalDateTime begin = LocalDateTime.ofInstant(from, zone);
            long turns = Math.max(
                    0,
                    ChronoUnit.SECONDS.between(rotation.start(), begin)
                            / rotation.turn().toSeconds());
            for (LocalDateTime at =
                            rotation.start().plusSeconds(turns * rotation.turn().toSeconds());
                    !at.isAfter(end);
                    at = at.plus(rotation.turn())) {
                add(moments, at.atZone(zone).toInstant(), from, to);
            }
            if (rotation.until() != null) {
                add(moments, rotation.until().atZone(zone).toInstant(), from, to);
            }
        }
        return moments;
    }

    private static void add(java.util.SortedSet<Instant> moments, Instant at, Instant from, Instant to) {
        if (at.isAfter(from) && at.isBefore(to)) {
            moments.add(at);
        }
    }

    static OnCallSchedule read(String name, FieldReader spec) {
        ZoneId zone = ZoneId.of("UTC");
        try {
            zone = ZoneId.of(spec.text("timeZone", "UTC"));
        } catch (DateTimeException unknown) {
            spec.problem("timeZone", "is no time zone, such as Europe/Berlin");
        }
        spec.text("description", "");
        List<Rotation> rotations = new ArrayList<>();
        JsonNode list = spec.has("rotations") ? spec.json("rotations") : spec.json("none");
        if (!list.isArray() || list.isEmpty() || list.size() > 20) {
            spec.problem("rotations", "must be a list of 1 to 20 rotations");
        } else {
            for (int i = 0; i < list.size(); i++) {
                rotations.add(
                        rotation(FieldReader.of(spec.path() + ".rotations[" + i + "]", list.get(i), spec.problems())));
            }
        }
        spec.finish();
        return new OnCallSchedule(name, zone, List.copyOf(rotations));
    }

    private static Rotation rotation(FieldReader reader) {
        List<String> people = new ArrayList<>();
        if (reader.has("people")) {
            reader.json("people").forEach(each -> people.add(each.asString("")));
        }
        if (people.isEmpty() || people.size() > 100) {
            reader.problem("people", "must be a list of 1 to 100 receivers");
            people.add("nobody");
        }
        LocalDateTime start = time(reader, "start", LocalDateTime.of(2026, 1, 1, 0, 0));
        LocalDateTime until = reader.has("until") ? time(reader, "until", start) : null;
        Duration turn = reader.duration("turn", Duration.ofDays(7), Duration.ofHours(1), Duration.ofDays(365));
        reader.finish();
        return new Rotation(List.copyOf(people), start, turn, until);
    }

    private static LocalDateTime time(FieldReader reader, String field, LocalDateTime fallback) {
        String text = reader.requiredText(field);
        try {
            return text.isEmpty() ? fallback : LocalDateTime.parse(text);
        } catch (DateTimeParseException malformed) {
            reader.problem(field, "must be a time on the wall, such as 2026-01-05T08:00, found \"" + text + "\"");
            return fallback;
        }
    }
}
