package dev.muster.arch;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Set;

/** Who may know whom: a package knows those on earlier lines and on its own, never those on later ones. */
final class PackageOrder {
    static final List<Set<String>> LINES = List.of(
            Set.of("protocol"),
            Set.of("gateway"),
            Set.of("platform"),
            Set.of("identity"),
            Set.of("audit"),
            Set.of("registry", "window"),
            Set.of("pki", "command", "telemetry"),
            Set.of("release"),
            Set.of("twin", "actuator"),
            Set.of("ddi"),
            Set.of("slo"),
            Set.of("alert", "retirement", "file"),
            Set.of("rollout"),
            Set.of("runbook", "gameday", "maintenance", "cost"),
            Set.of("vehicle", "kubernetes", "function"),
            Set.of("backup"),
            Set.of("gitops", "integration", "console", "stream"),
            Set.of("ingest"),
            Set.of("main"));

    private PackageOrder() {}

    /** @param root the package whose direct children are listed, for example {@code dev.muster} */
    static ArchRule keptBelow(String root) {
        return ArchRuleDefinition.classes().that().resideInAPackage(root + "..").should(knowOnlyEarlierLines(root));
    }

    /** At every depth, so that a feature can be read folder by folder. */
    static ArchRule withoutCyclesBelow(String root) {
        return SlicesRuleDefinition.slices().matching(root + ".(**)").should().beFreeOfCycles();
    }

    private static ArchCondition<JavaClass> knowOnlyEarlierLines(String root) {
        return new ArchCondition<>("know only packages on their own line or an earlier one") {
            @Override
            public void check(JavaClass origin, ConditionEvents events) {
                int line = line(root, origin);
                if (line < 0) {
                    events.add(SimpleConditionEvent.violated(
                            origin, origin.getName() + " is in a package that has no place in the order"));
                    return;
                }
                for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (target.getPackageName().startsWith(root + ".") && line(root, target) > line) {
                        events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static int line(String root, JavaClass type) {
        String below = type.getPackageName()
                .substring(Math.min(root.length() + 1, type.getPackageName().length()));
        String child = below.contains(".") ? below.substring(0, below.indexOf('.')) : below;
        for (int line = 0; line < LINES.size(); line++) {
            if (LINES.get(line).contains(child)) {
                return line;
            }
        }
        return -1;
    }
}
