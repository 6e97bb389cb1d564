package dev.muster.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String PLANTED = "dev.muster.arch.planted";
    private static final JavaClasses MUSTER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.muster");
    private static final JavaClasses PLANTED_CLASSES = new ClassFileImporter().importPackages(PLANTED);

    @Test
    void seesTheClassesOfServerGatewayAndProtocol() {
        assertThat(MUSTER.contain("dev.muster.main.MusterServer")).isTrue();
        assertThat(MUSTER.contain("dev.muster.gateway.DevicePlane")).isTrue();
        assertThat(MUSTER.contain("dev.muster.protocol.Uplink")).isTrue();
    }

    @Test
    void packagesKnowOnlyThoseAboveThem() {
        PackageOrder.keptBelow("dev.muster").check(MUSTER);
    }

    @Test
    void aPackageThatKnowsOneBelowIsFound() {
        EvaluationResult result = PackageOrder.keptBelow(PLANTED).evaluate(PLANTED_CLASSES);
        assertThat(result.getFailureReport().getDetails())
                .anyMatch(line -> line.contains("KnowsTheRegistry") && line.contains("Upper"))
                .anyMatch(line -> line.contains("Stray") && line.contains("no place in the order"));
    }

    @Test
    void packagesAreFreeOfCycles() {
        PackageOrder.withoutCyclesBelow("dev.muster").check(MUSTER);
    }

    @Test
    void aCycleOfPackagesIsFound() {
        EvaluationResult result = PackageOrder.withoutCyclesBelow(PLANTED).evaluate(PLANTED_CLASSES);
        assertThat(result.getFailureReport().getDetails())
                .anyMatch(line -> line.contains("cyclic.one") && line.contains("cyclic.two"));
    }

    @Test
    void theGatewayKnowsNeitherSpringNorSql() {
        ModuleRules.neitherSpringNorSql("dev.muster.gateway").check(MUSTER);
    }

    @Test
    void springAndSqlInAGatewayAreFound() {
        EvaluationResult result =
                ModuleRules.neitherSpringNorSql(PLANTED + ".gateway").evaluate(PLANTED_CLASSES);
        assertThat(result.getFailureReport().getDetails())
                .anyMatch(line -> line.contains("SqlInTheGateway"))
                .anyMatch(line -> line.contains("SpringInTheGateway"));
    }

    @Test
    void theProtocolNeedsNothingButJackson() {
        ModuleRules.onlyJackson("dev.muster.protocol").check(MUSTER);
        ModuleRules.onlyZstd("dev.muster.protocol.delta", "dev.muster.protocol").check(MUSTER);
    }

    @Test
    void moreThanJacksonInAProtocolIsFound() {
        EvaluationResult result = ModuleRules.onlyJackson(PLANTED + ".gateway").evaluate(PLANTED_CLASSES);
        assertThat(result.hasViolation()).isTrue();
    }
}
