package dev.muster.alert.notify;

import dev.muster.alert.declared.AppliedAlertObject;
import dev.muster.alert.declared.DeclaredKind;
import dev.muster.alert.declared.DeclaredObjects;
import dev.muster.alert.route.Routing;
import dev.muster.registry.document.FieldReader;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The declared kinds of who is told: receivers, schedules, the routing. */
@Configuration(proxyBeanMethods = false)
public class AlertKinds {
    public static final Simple RECEIVER = new Simple("Receiver", "receiver", 5_000, 500, Receiver::read);
    public static final Simple SCHEDULE =
            new Simple("OnCallSchedule", "on-call schedule", 500, 505, OnCallSchedule::read);
    public static final Simple ROUTING =
            new Simple("AlertRouting", "alert routing", 1, 510, (name, spec) -> Routing.read(spec));

    public static final Map<String, Simple> BY_PATH =
            new TreeMap<>(Map.of("receivers", RECEIVER, "on-call-schedules", SCHEDULE, "alert-routings", ROUTING));

    /** Reads a spec and tells its problems. */
    interface Check {
        Object read(String name, FieldReader spec);
    }

    public static final class Simple implements DeclaredKind {
        private final String wire;
        private final String words;
        private final int most;
        private final int order;
        private final Check check;

        Simple(String wire, String words, int most, int order, Check check) {
            this.wire = wire;
            this.words = words;
            this.most = most;
            this.order = order;
            this.check = check;
        }

        @Override
        public String wire() {
            return wire;
        }

        @Override
        public String words() {
            return words;
        }

        @Override
        public int most() {
            return most;
        }

        @Override
        public int order() {
            return order;
        }

        @Override
        public void check(String name, FieldReader spec) {
            check.read(name, spec);
        }
    }

    private static final class Applied extends AppliedAlertObject {
        Applied(DeclaredKind kind, DeclaredObjects objects) {
            super(kind, objects);
        }
    }

    @Bean
    AppliedAlertObject appliedReceiver(DeclaredObjects objects) {
        return new Applied(RECEIVER, objects);
    }

    @Bean
    AppliedAlertObject appliedOnCallSchedule(DeclaredObjects objects) {
        return new Applied(SCHEDULE, objects);
    }

    @Bean
    AppliedAlertObject appliedAlertRouting(DeclaredObjects objects) {
        return new Applied(ROUTING, objects);
    }
}
