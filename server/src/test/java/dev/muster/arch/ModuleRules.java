package dev.muster.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;

/** What a module may use. */
final class ModuleRules {
    private ModuleRules() {}

    /** The device plane also runs in a regional gateway, where there is neither. */
    static ArchRule neitherSpringNorSql(String gateway) {
        return noClasses()
                .that()
                .resideInAPackage(gateway + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..", "javax.sql..", "org.postgresql..");
    }

    /** The wire contract is used by the small agent too. Deltas need zstd, and whoever makes or applies them brings it. */
    static ArchRule onlyJackson(String protocol) {
        return classes()
                .that()
                .resideInAPackage(protocol + "..")
                .and()
                .resideOutsideOfPackage(protocol + ".delta..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        protocol + "..", "java..", "tools.jackson..", "com.fasterxml.jackson..", "org.jspecify..");
    }

    static ArchRule onlyZstd(String delta, String protocol) {
        return classes()
                .that()
                .resideInAPackage(delta + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(protocol + "..", "java..", "com.github.luben.zstd..", "org.jspecify..");
    }
}
