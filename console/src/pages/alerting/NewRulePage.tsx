export { NewRule as default } from './RulePage';
