package dev.muster.alert.notify;

import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.route.GroupEngine.Escalation;
import dev.muster.registry.document.FieldReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A person or a team, with the ways to reach it and whom to tell when nobody acknowledges. */
record Receiver(String name, List<Channel> channels, List<Escalation> escalations) {
    static Receiver read(String name, FieldReader spec) {
        spec.text("description", "");
        List<Channel> channels = Channel.readAll(spec);
        List<Escalation> escalations = new ArrayList<>();
        if (spec.has("escalation")) {
            JsonNode list = spec.json("escalation");
            if (!list.isArray() || list.size() > 10) {
                spec.problem("escalation", "must be a list of at most 10 steps");
            } else {
                Duration last = Duration.ZERO;
                for (int i = 0; i < list.size(); i++) {
                    FieldReader step =
                            FieldReader.of(spec.path() + ".escalation[" + i + "]", list.get(i), spec.problems());
                    Duration after =
                            step.duration("after", Duration.ofMinutes(15), Duration.ofSeconds(1), Duration.ofDays(7));
                    if (after.compareTo(last) < 0) {
                        step.problem("after", "must not be before the step above");
                    }
                    last = after;
                    String receiver = step.requiredText("receiver");
                    if (!receiver.isEmpty()
                            && !DeclaredObjects.NAME.matcher(receiver).matches()) {
                        step.problem("receiver", "is no name of a receiver");
                    }
                    escalations.add(new Escalation(after, receiver));
                    step.finish();
                }
            }
        }
        spec.finish();
        return new Receiver(name, channels, List.copyOf(escalations));
    }
}
