/**
 * What releases are made of and how they were built: SBOMs (CycloneDX) and provenance (SLSA, in-toto), verified when a release is
 * published. Tables {@code sbom_component} and {@code release_provenance}.
 */
@NullMarked
package dev.muster.release.supply;

import org.jspecify.annotations.NullMarked;
