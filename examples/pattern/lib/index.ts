export { LoadPage, type LoadPageProps } from './load-page';
